//! What the server says about one object before anything is written, and the write itself.

use serde_json::Value;

use crate::{
    apply::{Item, Run, Verdict, Write},
    changeset::Action,
    cluster::Applied,
    error::{ObjectError, RequestError},
    folding, immutable,
    policy::Policy,
    secrets,
    seen::{Seen, content},
};

impl Run<'_> {
    /// Compares by server-side dry-run, as Flux does.
    pub(crate) async fn check(&self, item: &Item) -> Result<Verdict, ObjectError> {
        let known = item.record.as_ref().map(|r| &r.seen);
        if let Some(seen) = known.filter(|s| s.policy.skips()) {
            return Ok(self.nothing_to_do(item, seen.clone(), Action::Skipped));
        }
        let wants_live = item.policy.if_not_present
            || self.rules.matches(&item.object)
            || known.is_some_and(|s| s.foldable && !item.policy.merge);
        let live = if wants_live { self.live(item).await? } else { None };
        if item.policy.if_not_present && live.is_some() {
            return Ok(Verdict::Done(Action::Skipped));
        }
        let payload = live.as_ref().and_then(|live| self.rules.payload(&item.object, live, self.config()));
        let dry = match self.send(item, payload.as_ref(), true).await {
            Ok(dry) => dry,
            Err(error) => return self.refused(item, payload, live, error).await,
        };
        if dry.created {
            return Ok(Verdict::Write(Write::default()));
        }
        self.compare(item, payload, live, &dry.object).await
    }

    async fn compare(
        &self,
        item: &Item,
        payload: Option<Value>,
        mut live: Option<Value>,
        dry: &Value,
    ) -> Result<Verdict, ObjectError> {
        if live.is_none() && item.record.is_none() {
            live = self.live(item).await?;
        }
        let seen = match (&live, &item.record) {
            (Some(live), _) => Seen::new(live, self.config()),
            (None, Some(record)) => record.seen.clone(),
            // Gone since the dry-run.
            (None, None) => return Ok(Verdict::Write(Write { payload, ..Write::default() })),
        };
        if seen.policy.skips() {
            return Ok(self.nothing_to_do(item, seen, Action::Skipped));
        }
        let is_merged = item.policy.merge || seen.policy.merge;
        let fold = live.filter(|_| seen.foldable && !is_merged);
        if fold.is_none() && content(dry) == seen.content {
            return Ok(self.nothing_to_do(item, seen, Action::Unchanged));
        }
        Ok(Verdict::Write(Write { payload, fold, recreate: None }))
    }

    /// A refused dry-run is the end, unless the object may be recreated and that would help.
    async fn refused(
        &self,
        item: &Item,
        payload: Option<Value>,
        live: Option<Value>,
        error: RequestError,
    ) -> Result<Verdict, ObjectError> {
        if error.is_not_found() {
            self.applier.shared.discovery.forget(&item.at.key.gvk);
        }
        if !error.may_be_immutable() {
            return Err(error.dry_run(item.id.clone()));
        }
        let live = match live {
            Some(live) => Some(live),
            None => self.live(item).await?,
        };
        let forced =
            |live: &Value| self.options.force || item.policy.force || Policy::of(live, &self.config().group).force;
        match live.filter(forced) {
            Some(live) if immutable::helps(self, item, &error).await => {
                let recreate = Some(Seen::new(&live, self.config()).uid.into());
                Ok(Verdict::Write(Write { payload, fold: None, recreate }))
            }
            _ => Err(error.dry_run(item.id.clone())),
        }
    }

    fn nothing_to_do(&self, item: &Item, seen: Seen, action: Action) -> Verdict {
        let baseline = self.baseline(item, seen.owned);
        self.applier.shared.ledger.settle(&item.at.key, Some(seen), baseline);
        Verdict::Done(action)
    }

    async fn live(&self, item: &Item) -> Result<Option<Value>, ObjectError> {
        let query = |e: RequestError| ObjectError::Query { id: item.id.clone(), message: e.to_string() };
        self.applier.cluster.get(&item.at.place).await.map_err(query)
    }

    pub(crate) async fn send(
        &self,
        item: &Item,
        payload: Option<&Value>,
        dry_run: bool,
    ) -> Result<Applied, RequestError> {
        let body = payload.unwrap_or(item.object.value());
        let sent = self.applier.cluster.apply(&item.at.place, body, &self.config().manager, dry_run).await;
        sent.map_err(|error| secrets::masked(error, body))
    }

    /// Writes the object that had no dry-run of its own; its refusal is told like one.
    pub(crate) async fn write_first(&self, item: &Item) -> Result<Action, ObjectError> {
        let applying = self.applier.shared.ledger.begin(&item.at.key);
        let error = match self.send(item, None, false).await {
            Ok(applied) => {
                let seen = Seen::new(&applied.object, self.config());
                let before = item.record.as_ref().map(|r| r.seen.revision);
                let action = match applied.created {
                    true => Action::Created,
                    false if before == Some(seen.revision) => Action::Unchanged,
                    false => Action::Configured,
                };
                let baseline = self.baseline(item, seen.owned);
                applying.done(seen, baseline);
                return Ok(action);
            }
            Err(error) => error,
        };
        drop(applying);
        match self.refused(item, None, None, error).await? {
            Verdict::Done(action) => Ok(action),
            Verdict::Write(write) => self.write(item, write).await,
        }
    }

    /// Writes an object that passed its dry-run.
    pub(crate) async fn write(&self, item: &Item, write: Write) -> Result<Action, ObjectError> {
        let applying = self.applier.shared.ledger.begin(&item.at.key);
        if let Some(uid) = &write.recreate {
            immutable::delete(self, item, uid).await?;
        }
        if let Some(live) = &write.fold {
            self.fold(item, live).await?;
        }
        let failed = |e: RequestError| ObjectError::Apply { id: item.id.clone(), message: e.to_string() };
        let applied = self.send(item, write.payload.as_ref(), false).await.map_err(failed)?;
        let seen = Seen::new(&applied.object, self.config());
        let baseline = self.baseline(item, seen.owned);
        applying.done(seen, baseline);
        Ok(if applied.created { Action::Created } else { Action::Configured })
    }

    async fn fold(&self, item: &Item, live: &Value) -> Result<(), ObjectError> {
        let Some(patch) = folding::patch(live, self.config()) else { return Ok(()) };
        let manager = &self.config().manager;
        let failed = |e: RequestError| ObjectError::Cleanup { id: item.id.clone(), message: e.to_string() };
        self.applier.cluster.patch(&item.at.place, &patch, manager).await.map(drop).map_err(failed)
    }
}
