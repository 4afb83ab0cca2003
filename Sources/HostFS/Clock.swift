import Glibc

/// Time that only goes forward, whatever is done to the clock of day (CLOCK_MONOTONIC).
public enum Clock {
  /// Nanoseconds since some moment before the program began.
  public static func nanoseconds() -> Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  /// The same in whole milliseconds.
  public static func milliseconds() -> Int64 { nanoseconds() / 1_000_000 }

  /// The time of day, in milliseconds since 1970; only to be shown.
  public static func sinceEpoch() -> Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }

  /// Waits until the clock shows the moment, in milliseconds, or not at all when it has passed.
  public static func sleep(until moment: Int64) {
    // A signal may end a sleep early.
    while case let rest = moment - milliseconds(), rest > 0 {
      var time = timespec(tv_sec: Int(rest / 1000), tv_nsec: Int(rest % 1000) * 1_000_000)
      unsafe nanosleep(&time, nil)
    }
  }
}
