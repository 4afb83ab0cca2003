import Facts
import Netlink
import Support
import Testing

private let one = Made.answer(Made.socket(port: 81, cookie: 1))
private let two = Made.answer(Made.socket(port: 82, cookie: 2))
private let six = Made.answer(Made.socket(address: [UInt8](repeating: 0, count: 16), cookie: 6))
private let listenerOne = listener(port: 81, cookie: 1)
private let listenerTwo = listener(port: 82, cookie: 2)
private let listenerSix = listener("::", cookie: 6)
private let interruptedGap = Gap(
  "sock_diag", "the dump was interrupted twice: some sockets may be missing")

struct DumpCase: Sendable, CustomTestStringConvertible {
  var name: String
  /// For each request the datagrams that answer it.
  var answers: [[[UInt8]]]
  var listeners: [Listener] = []
  var gaps: [Gap] = []
  var failure: NetlinkFailure?
  var testDescription: String { name }
}

@Test(arguments: [
  DumpCase(name: "no listener", answers: [[Made.done()]]),
  DumpCase(
    name: "one datagram for all", answers: [[one + two + Made.done()]],
    listeners: [listenerOne, listenerTwo]),
  DumpCase(
    name: "one datagram for each", answers: [[one, two, six, Made.done()]],
    listeners: [listenerOne, listenerTwo, listenerSix]),
  DumpCase(
    name: "an empty end, as of an old kernel", answers: [[one, Made.message(Made.done, [])]],
    listeners: [listenerOne]),
  DumpCase(
    name: "messages behind the end are not ours", answers: [[one + Made.done() + two]],
    listeners: [listenerOne]),
  DumpCase(
    name: "an idle message", answers: [[Made.message(1, []) + one, Made.done()]],
    listeners: [listenerOne]),
  DumpCase(
    name: "an acknowledgement is no refusal",
    answers: [[Made.refusal(errno: 0) + one, Made.done()]], listeners: [listenerOne]),
  DumpCase(
    name: "a repeated cookie", answers: [[one, two, one, Made.done()]],
    listeners: [listenerOne, listenerTwo]),
  DumpCase(
    name: "sockets in other states",
    answers: [[Made.answer(Made.socket(state: 1)), one, Made.done()]], listeners: [listenerOne]),
  // Interrupted dumps
  DumpCase(
    name: "interrupted once: asked again, and only the second answer counts",
    answers: [
      [one, Made.answer(Made.socket(), flags: Made.interrupted | 2), Made.done()],
      [two, Made.done()],
    ], listeners: [listenerTwo]),
  DumpCase(
    name: "interrupted, said with the end",
    answers: [[one, Made.done(flags: Made.interrupted)], [one, two, Made.done()]],
    listeners: [listenerOne, listenerTwo]),
  DumpCase(
    name: "interrupted twice",
    answers: [
      [one, Made.done(flags: Made.interrupted)], [two, Made.done(flags: Made.interrupted)],
    ], listeners: [listenerTwo], gaps: [interruptedGap]),
  DumpCase(
    name: "both families interrupted twice",
    answers: [
      [Made.refusal(errno: 22)], [one, Made.done(flags: Made.interrupted)],
      [one, Made.done(flags: Made.interrupted)], [six, Made.done(flags: Made.interrupted)],
      [six, Made.done(flags: Made.interrupted)],
    ], listeners: [listenerOne, listenerSix], gaps: [interruptedGap]),
  DumpCase(
    name: "the second family is interrupted once: the first stays",
    answers: [
      [Made.refusal(errno: 22)], [one, Made.done()],
      [two, Made.done(flags: Made.interrupted)], [six, Made.done()],
    ], listeners: [listenerOne, listenerSix]),
  // Refusals
  DumpCase(
    name: "the first form refused at once",
    answers: [[Made.refusal(errno: 95)], [one, Made.done()], [six, Made.done()]],
    listeners: [listenerOne, listenerSix]),
  DumpCase(
    name: "an end that carries an error: nothing of it counts",
    answers: [[two, Made.done(errno: 5)], [one, Made.done()], [six, Made.done()]],
    listeners: [listenerOne, listenerSix]),
  DumpCase(
    name: "a kernel without IPv6",
    answers: [[Made.refusal(errno: 22)], [one, Made.done()], [Made.refusal(errno: 2)]],
    listeners: [listenerOne]),
  DumpCase(
    name: "a kernel without IPv6 that says so at the end",
    answers: [[Made.refusal(errno: 22)], [one, Made.done()], [Made.done(errno: 2)]],
    listeners: [listenerOne]),
  DumpCase(
    name: "IPv6 refused for another reason",
    answers: [[Made.refusal(errno: 22)], [one, Made.done()], [Made.refusal(errno: 1)]],
    failure: .refused(errno: 1)),
  DumpCase(
    name: "IPv4 refused", answers: [[Made.refusal(errno: 22)], [Made.refusal(errno: 2)]],
    failure: .refused(errno: 2)),
  DumpCase(
    name: "both forms refused at the end",
    answers: [[Made.done(errno: 5)], [Made.done(errno: 13)]],
    failure: .refused(errno: 13)),
  DumpCase(
    name: "an error number without a counterpart",
    answers: Array(repeating: [Made.message(Made.done, Made.bytes(Int32.min))], count: 2),
    failure: .refused(errno: 5)),
  // No answer
  DumpCase(name: "no answer", answers: [[]], failure: noAnswer),
  DumpCase(name: "no end", answers: [[one, two]], failure: noAnswer),
  DumpCase(
    name: "no answer to the second form", answers: [[Made.refusal(errno: 22)], []],
    failure: noAnswer),
  DumpCase(
    name: "no second request can be sent", answers: [[Made.refusal(errno: 22)]],
    failure: .system(call: "send(netlink)", errno: 105)),
])
func dumps(_ c: DumpCase) {
  let outcome = ask(c.answers.map { RecordedAnswers(answers: $0) })
  #expect(
    outcome == (c.failure.map(Outcome.failure) ?? .listeners(c.listeners, gaps: c.gaps)))
}

/// Answers to questions that we gave up: their sockets, ends and refusals are passed over.
@Test func aForeignSequenceNumber() {
  func foreign(_ type: UInt16, _ payload: [UInt8], flags: UInt16 = 2) -> [UInt8] {
    Made.message(type, flags: flags, sequence: 77, payload)
  }
  let transport = StubbornTransport(datagrams: [
    foreign(20, Made.socket(port: 99)) + foreign(Made.done, Made.bytes(Int32(0))),
    foreign(Made.error, Made.bytes(Int32(-22))),
    foreign(20, [], flags: Made.interrupted), one + two, foreign(Made.done, []), Made.done(),
  ])
  #expect(ask(over: transport) == .listeners([listenerOne, listenerTwo], gaps: []))
}

@Test func onlyForeignAnswersAreNone() {
  let transport = StubbornTransport(datagrams: [
    Made.message(Made.done, sequence: 77, Made.bytes(Int32(0)))
  ])
  #expect(ask(over: transport) == .failure(noAnswer))
}

@Test func aRequestThatCannotBeSent() {
  let outcome = ask(over: StubbornTransport(datagrams: [Made.done()], refusesToSend: true))
  #expect(outcome == .failure(.system(call: "send(netlink)", errno: 1)))
}

@Test(arguments: [
  (
    NetlinkFailure.system(call: "send(netlink)", errno: 1), "send(netlink): Operation not permitted"
  ),
  (.refused(errno: 2), "the kernel refuses sock_diag: No such file or directory"),
  (
    .malformed("expected 72 bytes about a socket, found 3"),
    "sock_diag: expected 72 bytes about a socket, found 3"
  ),
])
func failuresInWords(_ failure: NetlinkFailure, _ words: String) {
  #expect(failure.reason == words)
}
