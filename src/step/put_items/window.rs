//! How many calls go out at once: more while all goes well, half as many after a throttled one.

use std::time::Duration;

use tokio::time::Instant;

/// The first pause after a throttled call, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));

/// Calls at once.
#[derive(Debug)]
pub(super) struct Window {
    size: f64,
    most: f64,
    pause: Duration,
    /// When calls may go out again.
    open: Option<Instant>,
}

impl Window {
    /// Starts with a quarter of the most.
    pub(super) fn new(most: u32) -> Self {
        let most = f64::from(most);
        Self { size: (most / 4.0).max(1.0), most, pause: PAUSES.0, open: None }
    }

    /// When another call may go out beside so many: `None` when one of them must end first.
    pub(super) fn next(&self, running: usize, now: Instant) -> Option<Instant> {
        let room =
            u32::try_from(running).is_ok_and(|running| f64::from(running) + 1.0 <= self.size);
        room.then(|| self.open.map_or(now, |open| open.max(now)))
    }

    /// A call went well: a whole window of them makes it larger by one.
    pub(super) fn went_well(&mut self) {
        self.size = (self.size + 1.0 / self.size).min(self.most);
        self.pause = PAUSES.0;
    }

    /// A call was refused for coming too soon. Calls that went out together count once.
    pub(super) fn refused(&mut self, now: Instant) {
        if self.open.is_some_and(|open| now < open) {
            return;
        }
        self.size = (self.size / 2.0).max(1.0);
        self.open = Some(now + self.pause.mul_f64(0.5 + fastrand::f64() / 2.0));
        self.pause = (self.pause * 2).min(PAUSES.1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_window_grows_by_one_and_shrinks_by_half() {
        let now = Instant::now();
        let mut window = Window::new(32);
        assert_eq!((window.next(7, now), window.next(8, now)), (Some(now), None));
        (0..1000).for_each(|_| window.went_well());
        assert_eq!((window.next(31, now), window.next(32, now)), (Some(now), None));
        window.refused(now);
        let open = window.next(15, now).unwrap();
        assert!(open > now && open <= now + PAUSES.0, "it opens later");
        assert_eq!(window.next(16, now), None);
        window.refused(now);
        assert!(window.next(15, now).is_some(), "refused together counts once");
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_to_seconds_and_one_call_is_always_let_through() {
        let mut window = Window::new(4);
        let mut now = Instant::now();
        for _ in 0..20 {
            window.refused(now);
            now = window.next(0, now).unwrap();
        }
        window.refused(now);
        let pause = window.next(0, now).unwrap() - now;
        assert!(pause >= PAUSES.1 / 2 && pause <= PAUSES.1, "{pause:?}");
    }
}
