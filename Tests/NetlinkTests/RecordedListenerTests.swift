import Facts
import Foundation
import Netlink
import Support
import Testing

private let v4 = "listen-v4-skmeminfo"
private let v6 = "listen-v6-skmeminfo"
private let refusal = "error-bad-family"

/// What each recorded host ran, by the comment with which its file begins.
///
/// The backlog 5000 was cut to somaxconn; the refused connections of 8005 were counted twice:
/// their SYNs came again.
private let running =
  "# Running: listeners, backlog in brackets, on 8000 (0, full with 1), 8005 (5, full with 6 and 4 "
  + "more refused), 8128 (128, 8 waiting), 8511 (511, 3 waiting, 30 SYN_RECV), 9000 (5000, 4 "
  + "SYN_RECV), [::]:8443 (128, 2 waiting, 2 SYN_RECV), 127.0.0.1:8444 (64; 2 CLOSE_WAIT, "

private struct Known: Equatable, CustomStringConvertible {
  var name: String
  var family: Listener.Family
  var length: Int64
  var limit: Int64
  var drops: Reading<Int64> = .known(0)
  var uid: UInt32 = 0
  var cgroup: Reading<UInt64> = .known(1)
  var description: String { "\(name) \(length)/\(limit) \(drops)" }

  init(_ name: String, _ family: Listener.Family, _ length: Int64, _ limit: Int64) {
    self.name = name
    self.family = family
    self.length = length
    self.limit = limit
  }

  init(_ listener: Listener) {
    self.init(listener.name, listener.family, listener.length, listener.limit)
    drops = listener.drops
    uid = listener.uid
    cgroup = listener.cgroup
  }
}

private let ipv4: [Known] = {
  var full = Known("0.0.0.0:8005", .ipv4, 6, 5)
  full.drops = .known(8)
  return [
    Known("0.0.0.0:8000", .ipv4, 1, 0), full, Known("0.0.0.0:8128", .ipv4, 8, 128),
    Known("0.0.0.0:8511", .ipv4, 3, 511), Known("0.0.0.0:9000", .ipv4, 0, 4096),
    Known("127.0.0.1:8444", .ipv4, 0, 64),
  ]
}()
private let ipv6 = [Known("[::]:8443", .ipv6, 2, 128)]

private func known(_ outcome: Outcome) -> [Known] {
  outcome.listeners.map(Known.init).sorted { $0.name < $1.name }
}

/// The answer of a recording without the message that ends it.
private func withoutEnd(_ recording: RecordedAnswers) -> [[UInt8]] {
  recording.answers.filter { $0[4] != UInt8(Made.done) }
}

@Test func everyKernelIsLookedAt() {
  #expect(RecordedAnswers.kernels(asked: v4).count == 12)
  #expect(RecordedAnswers.kernels(asked: v6) == RecordedAnswers.kernels(asked: v4))
  #expect(RecordedAnswers.kernels(asked: refusal) == RecordedAnswers.kernels(asked: v4))
}

/// One dump for both families, as kernels answer the old form.
@Test(arguments: RecordedAnswers.kernels(asked: v4))
func listenersOfARecordedHost(_ kernel: String) throws {
  let comments = try String(
    decoding: Data(contentsOf: Fixtures.folder.appending(path: "hosts/\(kernel).host")),
    as: UTF8.self)
  #expect(comments.contains(running), "the table above is of another recording")
  let both = try RecordedAnswers(
    answers: withoutEnd(RecordedAnswers(kernel: kernel, question: v4))
      + RecordedAnswers(kernel: kernel, question: v6).answers)
  let outcome = ask([both])
  #expect(known(outcome) == ipv4 + ipv6)
  #expect(outcome == .listeners(outcome.listeners, gaps: []))
  let all = outcome.listeners
  #expect(Set(all.map(\.cookie)).count == 7)
  #expect(Set(all.map(\.inode)).count == 7 && all.allSatisfy { $0.inode > 0 })
  for listener in all {
    #expect(listener.unit == .notGathered("not looked up"))
    #expect(listener.owner == .notGathered("not looked up"))
    #expect(listener.sampling == nil)
  }
}

/// Where the old form is refused, one dump a family gives the same.
@Test(arguments: RecordedAnswers.kernels(asked: refusal))
func oneDumpForEachFamily(_ kernel: String) throws {
  let outcome = try ask(
    [refusal, v4, v6].map { try RecordedAnswers(kernel: kernel, question: $0) })
  #expect(known(outcome) == ipv4 + ipv6)
  #expect(outcome == .listeners(outcome.listeners, gaps: []))
}

/// Answers with more attributes than we ask for.
@Test(arguments: RecordedAnswers.kernels(asked: "listen-v4-info-skmeminfo"))
func moreAttributesThanAskedFor(_ kernel: String) throws {
  let more = try RecordedAnswers(kernel: kernel, question: "listen-v4-info-skmeminfo")
  let plain = try RecordedAnswers(kernel: kernel, question: v4)
  #expect(ask([more]) == ask([plain]))
  #expect(known(ask([more])) == ipv4)
}

/// The kernel's own refusal, on every kernel.
@Test(arguments: RecordedAnswers.kernels(asked: refusal))
func aRefusal(_ kernel: String) throws {
  let answer = try RecordedAnswers(kernel: kernel, question: refusal)
  #expect(ask([answer, answer]) == .failure(.refused(errno: 22)))
  #expect(
    NetlinkFailure.refused(errno: 22).reason == "the kernel refuses sock_diag: Invalid argument")
}
