//! Is an object current, in progress or failed: kstatus rules, pure.
