//! When: watches, triggers, queue and slots; knows keys, not kinds.
