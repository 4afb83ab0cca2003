import CLinux
import Glibc

/// A system call that failed, and on what.
public struct CallFailure: Error, Equatable, Sendable {
  /// A path, or the call where there is none.
  public var place: String
  /// The C library's number.
  public var errno: CInt

  /// What it was and why, in the C library's words.
  public var reason: String { "\(place): \(unsafe String(cString: strerror(errno)))" }

  /// Whether there is nothing of that name.
  var isAbsent: Bool { errno == ENOENT || errno == ENOTDIR }
}

enum SystemCall {
  /// Makes a call that gives a negative number where it fails, again where a signal ended it.
  ///
  /// - Parameters:
  ///   - place: what the failure is about.
  ///   - call: the system call.
  /// - Returns: what the call gave.
  /// - Throws: the number of the call that failed.
  @discardableResult
  static func made<Number: SignedInteger>(
    _ place: String, _ call: () -> Number
  ) throws(CallFailure) -> Number {
    var interruptions: CInt = 0
    while true {
      let result = call()
      if result >= 0 { return result }
      let number = errno
      interruptions += 1
      guard number == EINTR, interruptions < TCPTUNE_MOST_INTERRUPTIONS else {
        throw CallFailure(place: place, errno: number)
      }
    }
  }

  /// Writes all bytes to a file.
  static func writeAll(_ bytes: [UInt8], to file: CInt, _ place: String) throws(CallFailure) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = try made(place) {
        unsafe rest.withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
      }
      guard count > 0 else { throw CallFailure(place: place, errno: EIO) }
      rest = rest.dropFirst(count)
    }
  }

  /// Reads until the end, or until there are more than `limit` bytes.
  static func readAll(_ file: CInt, atMost limit: Int, _ place: String) throws(CallFailure)
    -> [UInt8]
  {
    var whole: [UInt8] = []
    while whole.count <= limit {
      let room = min(limit + 1 - whole.count, 1 << 16)
      var failure: CallFailure?
      let piece = unsafe [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
        do throws(CallFailure) {
          count = try made(place) { unsafe read(file, buffer.baseAddress, room) }
        } catch {
          failure = error
          count = 0
        }
      }
      if let failure { throw failure }
      if piece.isEmpty { return whole }
      whole += piece
    }
    throw CallFailure(place: place, errno: EFBIG)
  }

  /// The milliseconds of a clock.
  static func milliseconds(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }

  /// Milliseconds since boot, time asleep among them.
  static var sinceBoot: Int64 { milliseconds(CLOCK_BOOTTIME) }

  /// Milliseconds since 1970; only to be shown.
  static var sinceEpoch: Int64 { milliseconds(CLOCK_REALTIME) }

  /// Waits for so many milliseconds.
  static func pause(_ milliseconds: Int64) {
    var time = timespec(
      tv_sec: Int(milliseconds / 1000), tv_nsec: Int(milliseconds % 1000) * 1_000_000)
    unsafe nanosleep(&time, nil)
  }
}
