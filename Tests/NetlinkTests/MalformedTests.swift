import Facts
import Netlink
import Support
import Testing

private let kernels = RecordedAnswers.kernels(asked: "listen-v4-skmeminfo")

/// The length that a message's header claims.
private func length(at offset: Int, of datagram: [UInt8]) -> Int {
  (0..<4).reduce(0) { $0 | Int(datagram[offset + $1]) << (8 * $1) }
}

/// What a datagram that was cut off after `count` bytes must lead to: whole messages are taken, the
/// cut one is refused by its length.
private func expectation(_ datagram: [UInt8], cutAt count: Int) -> NetlinkFailure? {
  var at = 0
  while at < count {
    guard count - at >= 16 else {
      return .malformed("expected a message header of 16 bytes, found \(count - at)")
    }
    let claimed = length(at: at, of: datagram)
    guard count - at >= claimed else {
      return .malformed("expected a message of \(claimed) bytes, found \(count - at)")
    }
    at += (claimed + 3) & ~3
  }
  return nil
}

/// Every datagram of every recording cut off at every byte.
@Test(arguments: kernels) func truncatedAtEveryByte(_ kernel: String) throws {
  for question in ["listen-v4-skmeminfo", "listen-v6-skmeminfo"] {
    let recording = try RecordedAnswers(kernel: kernel, question: question)
    let datagram = try #require(recording.answers.first)
    let all = ask([recording]).listeners
    #expect(!all.isEmpty)
    for count in 0..<datagram.count {
      let outcome = ask([Array(datagram[..<count]), Made.done()])
      if let failure = expectation(datagram, cutAt: count) {
        #expect(outcome == .failure(failure), "\(question) cut at \(count)")
      } else {
        let kept = all.prefix(outcome.listeners.count)
        #expect(outcome == .listeners(Array(kept), gaps: []), "\(question) cut at \(count)")
        #expect(kept.count < all.count, "\(question) cut at \(count)")
      }
    }
  }
}

/// The end of a dump cut off at every byte.
@Test func anEndThatIsCutOff() {
  let end = Made.done()
  for count in 0..<end.count {
    let failure = expectation(end, cutAt: count) ?? noAnswer
    #expect(ask([Array(end[..<count])]) == .failure(failure), "cut at \(count)")
  }
}

/// A message whose length is honest, but that holds less than a socket, or less of its attributes.
@Test(arguments: kernels) func shorterMessages(_ kernel: String) throws {
  let recording = try RecordedAnswers(kernel: kernel, question: "listen-v6-skmeminfo")
  let datagram = try #require(recording.answers.first)
  let whole = try #require(ask([recording]).listeners.first)
  let payload = Array(datagram[16..<length(at: 0, of: datagram)])
  for count in 0..<payload.count {
    let outcome = ask([Made.message(20, Array(payload[..<count])), Made.done()])
    guard count >= 72 else {
      #expect(
        outcome
          == .failure(.malformed("expected 72 bytes about a socket, found \(count)")))
      continue
    }
    let found = try #require(outcome.listeners.first, "\(count) bytes")
    var wanted = whole
    if found.drops != whole.drops { wanted.drops = noDrops }
    if found.cgroup != whole.cgroup { wanted.cgroup = noCgroup }
    #expect(outcome == .listeners([wanted], gaps: []), "\(count) bytes")
    #expect(count > 72 || (found.drops == noDrops && found.cgroup == noCgroup))
  }
}

@Test(arguments: [0, 1, 15, 1 << 16, UInt32(Int32.max), .max]) func oddLengths(_ length: UInt32) {
  var datagram = Made.answer(Made.socket())
  datagram.replaceSubrange(0..<4, with: Made.bytes(length))
  #expect(
    ask([datagram, Made.done()])
      == .failure(.malformed("expected a message of \(length) bytes, found \(datagram.count)")))
}

/// Recorded answers with random bytes changed: whatever comes of it, it is no trap, and every
/// listener has a port and queues of 32 bits.
@Test func mutatedAnswersNeverTrap() throws {
  var generator = SystemRandomNumberGenerator()
  let kernel = try #require(kernels.last)
  let recordings = try ["listen-v4-skmeminfo", "listen-v6-skmeminfo"].map {
    try RecordedAnswers(kernel: kernel, question: $0)
  }
  for _ in 0..<2000 {
    let recording = recordings[Int.random(in: 0...1, using: &generator)]
    var datagram = recording.answers[0]
    for _ in 0..<Int.random(in: 1...8, using: &generator) {
      let at = Int.random(in: 0..<datagram.count, using: &generator)
      datagram[at] = UInt8.random(in: 0...255, using: &generator)
    }
    let answer = [datagram, Made.done()]
    let outcome = ask(answer, answer, answer, answer, answer, answer)
    for listener in outcome.listeners {
      #expect((0...65535).contains(listener.port), "\(datagram)")
      #expect((0...Int64(UInt32.max)).contains(listener.length), "\(datagram)")
      #expect(!listener.address.isEmpty, "\(datagram)")
    }
  }
}

@Test func randomBytesNeverTrap() {
  var generator = SystemRandomNumberGenerator()
  for _ in 0..<3000 {
    let datagram = (0..<Int.random(in: 0...200, using: &generator)).map { _ in
      UInt8.random(in: 0...255, using: &generator) & (Bool.random(using: &generator) ? 0 : 255)
    }
    #expect(ask(over: StubbornTransport(datagrams: [datagram])).listeners.isEmpty, "\(datagram)")
  }
}
