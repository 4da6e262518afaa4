//! Applying a set of objects, stage by stage.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use futures::{StreamExt, stream};
use parking_lot::Mutex;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use weir_core::{Object, ObjectId};

use crate::{
    applier::{Applier, Located},
    changeset::{Action, Change, ChangeSet},
    digest::{Digest, Sink},
    error::{ApplyError, ObjectError},
    fresh::{self, Made},
    ignore::IgnoreRules,
    ledger::{Baseline, Record},
    normalize::normalize,
    options::{ApplyOptions, Config, Owner},
    order,
    policy::Policy,
    ready, secrets,
};

/// One object of a run.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) object: Object,
    /// As it was given; goes into the inventory.
    pub(crate) id: ObjectId,
    pub(crate) at: Located,
    pub(crate) policy: Policy,
    pub(crate) desired: Digest,
    pub(crate) record: Option<Record>,
}

/// What is to be done with an object.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// Nothing.
    Done(Action),
    /// It is to be written.
    Write(Write),
}

/// How an object is written.
#[derive(Debug, Default)]
pub(crate) struct Write {
    /// What is sent in place of the object itself, for the sake of ignored fields.
    pub(crate) payload: Option<Value>,
    /// The live object, whose other managers' fields are taken over first.
    pub(crate) fold: Option<Value>,
    /// The live object has to go first: its uid.
    pub(crate) recreate: Option<String>,
}

/// One call of [`Applier::apply`].
pub(crate) struct Run<'a> {
    pub(crate) applier: &'a Applier,
    pub(crate) options: &'a ApplyOptions,
    pub(crate) owner: Arc<Owner>,
    pub(crate) rules: IgnoreRules,
    /// What the stage under way created without a dry-run.
    pub(crate) made: Mutex<Vec<Made>>,
}

/// How it is found out what to do with an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Route {
    /// It is known.
    Known(Action),
    /// By a dry-run.
    Check,
    /// By creating it: it can be undone.
    Make,
    /// By creating it, after all others were checked.
    MakeFirst,
    /// By writing it, after all others were checked.
    WriteFirst,
}

impl Applier {
    /// Makes the cluster equal to `objects`, as Flux does: in stages, and within a stage either every object is accepted by
    /// the server or none is there afterwards. Objects that are known to be as desired cost no request, and new ones cost one
    /// where this can be undone; the others are dry-run first.
    ///
    /// `cancel` is honoured between objects; what was applied until then is in the error.
    ///
    /// # Errors
    /// With the first refusal, and everything that was applied before.
    pub async fn apply(
        &self,
        objects: Vec<Object>,
        options: &ApplyOptions,
        cancel: &CancellationToken,
    ) -> Result<ChangeSet, ApplyError> {
        let mut changes = ChangeSet::default();
        match self.stages(objects, options, cancel, &mut changes).await {
            Ok(()) => Ok(changes),
            Err(error) => Err(ApplyError { changes, error }),
        }
    }

    async fn stages(
        &self,
        objects: Vec<Object>,
        options: &ApplyOptions,
        cancel: &CancellationToken,
        changes: &mut ChangeSet,
    ) -> Result<(), ObjectError> {
        let invalid = |message| ObjectError::IgnoreRule { message };
        let rules = IgnoreRules::compile(&options.ignore).map_err(invalid)?;
        let owner = Arc::new(options.owner.clone());
        let run = Run { applier: self, options, owner, rules, made: Mutex::default() };
        for (stage, objects) in order::stages(objects, &self.shared.config.stage_kinds) {
            let items = run.items(objects).await?;
            let verdicts = run.judge(&items, cancel).await?;
            let (done, result) = run.execute(&items, verdicts, cancel).await;
            let changed = done.clone();
            changes.extend(done);
            result?;
            if stage.is_awaited() {
                ready::await_stage(self, &items, &changed, cancel).await?;
            }
        }
        self.shared.refused.lock().remove(&options.owner);
        Ok(())
    }
}

impl Run<'_> {
    pub(crate) fn config(&self) -> &Config {
        &self.applier.shared.config
    }

    async fn items(&self, objects: Vec<Object>) -> Result<Vec<Item>, ObjectError> {
        let mut items = Vec::with_capacity(objects.len());
        for object in objects {
            items.push(self.item(object).await?);
        }
        Ok(items)
    }

    async fn item(&self, mut object: Object) -> Result<Item, ObjectError> {
        let id = object.id();
        normalize(&mut object);
        if secrets::is_malformed(object.value()) {
            let message = "data values must be of type string".into();
            return Err(ObjectError::DryRun { id, reason: " (Invalid)".into(), message });
        }
        let group = &self.config().group;
        object.set_label(&format!("{group}/name"), &self.options.owner.name);
        object.set_label(&format!("{group}/namespace"), &self.options.owner.namespace);
        let at = self.applier.locate(&id, object.version()).await.map_err(|e| e.dry_run(id.clone()))?;
        if at.namespaced && id.namespace.is_empty() {
            let message = "the server could not find the requested resource".into();
            return Err(ObjectError::NamespaceNotSpecified { id, message });
        }
        let policy = Policy::of(object.value(), group);
        if policy.skips() {
            self.applier.shared.ledger.exempt(&at.key);
        }
        let desired = self.digest(&object);
        let record = self.applier.shared.ledger.current(&at.key);
        Ok(Item { object, id, at, policy, desired, record })
    }

    /// Of everything that decides what is written.
    fn digest(&self, object: &Object) -> Digest {
        let mut sink = Sink::default();
        sink.value(object.value());
        sink.text(self.rules.text());
        sink.finish()
    }

    /// What to do with every object of a stage, as far as it was not done at once; an error means that nothing is there of
    /// what is new in it.
    async fn judge(&self, items: &[Item], cancel: &CancellationToken) -> Result<Vec<Verdict>, ObjectError> {
        let routes = self.routes(items);
        let checks = items.iter().zip(&routes).map(|(item, route)| async move {
            match route {
                Route::Known(action) => Ok(Verdict::Done(*action)),
                _ if cancel.is_cancelled() => Err(ObjectError::Cancelled),
                Route::Check => self.check(item).await,
                // Its turn comes below.
                Route::Make | Route::MakeFirst | Route::WriteFirst => Ok(Verdict::Done(Action::Skipped)),
            }
        });
        // A closure that is held across an await would keep the future from being `Send` for every lifetime.
        let checks: Vec<_> = checks.collect();
        let verdicts: Vec<_> = stream::iter(checks).buffered(self.config().concurrency).collect().await;
        let mut verdicts = verdicts.into_iter().collect::<Result<Vec<_>, _>>()?;
        match self.write_unchecked(items, &routes, &mut verdicts).await {
            Ok(()) => {
                self.made.lock().clear();
                Ok(verdicts)
            }
            Err(error) => {
                self.applier.shared.refused.lock().insert(self.options.owner.clone());
                self.unmake(items).await;
                Err(error)
            }
        }
    }

    /// Writes what was not checked: first what can be undone, then the one object that cannot.
    async fn write_unchecked(
        &self,
        items: &[Item],
        routes: &[Route],
        verdicts: &mut [Verdict],
    ) -> Result<(), ObjectError> {
        let new: Vec<usize> = (0..items.len()).filter(|index| routes[*index] == Route::Make).collect();
        for (index, verdict) in self.make(items, &new).await? {
            verdicts[index] = verdict;
        }
        for (index, item) in items.iter().enumerate() {
            match routes[index] {
                Route::MakeFirst => verdicts[index] = self.make_first(item).await?,
                Route::WriteFirst => verdicts[index] = Verdict::Done(self.write_first(item).await?),
                Route::Known(_) | Route::Check | Route::Make => {}
            }
        }
        Ok(())
    }

    fn routes(&self, items: &[Item]) -> Vec<Route> {
        let was_refused = self.applier.shared.refused.lock().contains(&self.options.owner);
        let mut first_is_taken = false;
        let mut first = |route: Route| match std::mem::replace(&mut first_is_taken, true) {
            true => Route::Check,
            false => route,
        };
        let routes = items.iter().map(|item| match known(item) {
            Some(action) => Route::Known(action),
            None if self.is_fresh(item) && !was_refused && fresh::is_inert(&item.object) => Route::Make,
            None if self.is_fresh(item) => first(Route::MakeFirst),
            None if self.is_plain_change(item) => first(Route::WriteFirst),
            None => Route::Check,
        });
        routes.collect()
    }

    /// Whether an object is known to have changed, and to have nothing that wants a closer look. One such object needs no
    /// dry-run: when it is refused, nothing else of the stage has been written.
    fn is_plain_change(&self, item: &Item) -> bool {
        item.record.as_ref().is_some_and(|record| {
            record.baseline.is_some()
                && !record.seen.foldable
                && !record.seen.policy.skips()
                && !item.policy.if_not_present
                && !self.rules.matches(&item.object)
        })
    }

    /// Writes what may be written, in order; stops to begin new ones at the first error.
    async fn execute(
        &self,
        items: &[Item],
        verdicts: Vec<Verdict>,
        cancel: &CancellationToken,
    ) -> (ChangeSet, Result<(), ObjectError>) {
        let failed = &AtomicBool::new(false);
        let writes = items.iter().zip(verdicts).map(|(item, verdict)| async move {
            let write = match verdict {
                Verdict::Done(action) => return Ok(Some(action)),
                Verdict::Write(write) => write,
            };
            if failed.load(Ordering::Relaxed) {
                return Ok(None);
            }
            let result = match cancel.is_cancelled() {
                true => Err(ObjectError::Cancelled),
                false => self.write(item, write).await.map(Some),
            };
            failed.fetch_or(result.is_err(), Ordering::Relaxed);
            result
        });
        let writes: Vec<_> = writes.collect();
        let results: Vec<_> = stream::iter(writes).buffered(self.config().concurrency).collect().await;
        let mut changes = ChangeSet::default();
        let mut outcome = Ok(());
        for (item, result) in items.iter().zip(results) {
            match result {
                Ok(Some(action)) => changes.entries.push(change(item, action)),
                Ok(None) => {}
                Err(error) if outcome.is_ok() => outcome = Err(error),
                Err(_) => {}
            }
        }
        (changes, outcome)
    }

    pub(crate) fn baseline(&self, item: &Item, owned: Digest) -> Baseline {
        Baseline { owner: self.owner.clone(), desired: item.desired, owned }
    }
}

fn change(item: &Item, action: Action) -> Change {
    Change { id: item.id.clone(), version: item.object.version().into(), action }
}

/// What can be said without a request.
fn known(item: &Item) -> Option<Action> {
    if item.policy.skips() {
        return Some(Action::Skipped);
    }
    let record = item.record.as_ref()?;
    if item.policy.if_not_present {
        return Some(Action::Skipped);
    }
    let baseline = record.baseline.as_ref()?;
    let is_same = baseline.desired == item.desired && baseline.owned == record.seen.owned;
    is_same.then_some(match record.seen.policy.skips() {
        true => Action::Skipped,
        false => Action::Unchanged,
    })
}
