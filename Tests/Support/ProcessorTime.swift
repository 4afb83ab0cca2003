import Glibc

/// Seconds of processor time that a body takes in this thread.
///
/// A bound on them holds however much else runs beside a test, as in `Tests/run --full`.
public func processorSeconds(of body: () throws -> Void) rethrows -> Double {
  func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
  let begin = now()
  try body()
  return now() - begin
}
