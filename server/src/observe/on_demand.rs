//! Metrics that are asked for their values when they are read.

use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;

/// A metric that is made anew each time, so that two requests that read it at once don't change each other's values.
pub(crate) struct OnDemand<F> {
    descriptions: Vec<Desc>,
    metric: F,
}

impl<M: Collector, F: Fn() -> M> OnDemand<F> {
    pub(crate) fn new(metric: F) -> Self {
        Self { descriptions: metric().desc().into_iter().cloned().collect(), metric }
    }
}

impl<M: Collector, F: Fn() -> M + Send + Sync> Collector for OnDemand<F> {
    fn desc(&self) -> Vec<&Desc> {
        self.descriptions.iter().collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        (self.metric)().collect()
    }
}
