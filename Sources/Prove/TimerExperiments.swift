extension Experiment {
  /// What the kernel does when nobody answers any more, and how connections end.
  static let timers: [Experiment] = [
    synTimeline, synLinearTimeline, synAckTimeline, finTimeline, timeWait, finWait2, keepalive,
    timeWaitReuse, killedProcess, closeUnread,
  ]
}
