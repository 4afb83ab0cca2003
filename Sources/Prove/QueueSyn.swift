import Facts
import KernelModel
import Netlink

extension Experiment {
  static let synQueue = Experiment(
    id: "syn-queue", title: "how many half-open requests stand, with syncookies 0, 1 and 2",
    claims: ["Q2.2", "Q4.7"],
    parameters: [
      .backlog(511), .somaxconn(4096), .maxSynBacklog(256), .extra(20),
      Parameter(
        "cookies", "net.ipv4.tcp_syncookies: 0, 1 or 2; -1 tries all", -1, -1...2),
    ]
  ) { (lab, settings) throws(LabFailure) in
    try lab.set("net.core.somaxconn", settings["somaxconn"])
    try lab.set("net.ipv4.tcp_max_syn_backlog", settings["max-syn-backlog"])
    let wire = try Wire()
    var steps: [Proof.Step] = []
    let all: [Int64] = settings["cookies"] < 0 ? [0, 1, 2] : [settings["cookies"]]
    for cookies in all {
      try lab.set("net.ipv4.tcp_syncookies", cookies)
      steps += try flood(lab, settings, cookies, over: wire)
    }
    return steps
  }

  /// One listener, more SYNs than it keeps, and what became of them.
  private static func flood(
    _ lab: Lab, _ settings: Settings, _ cookies: Int64, over wire: borrowing Wire
  ) throws(LabFailure) -> [Proof.Step] {
    let predicted = try PredictedQueues(lab, backlog: settings["backlog"]).syn
    let expected = Expected(predicted)
    let port = 9000 + UInt16(clamping: cookies)
    let listener = try lab.listen(port: port, backlog: settings["backlog"])
    let before = lab.counters()
    let sent = expected.high + settings["extra"]
    try lab.flood(sent, to: port, over: wire)
    let standing = try lab.standing(expected, at: port)
    let grown = lab.counters()
    listener.close()

    var steps: [Proof.Step] = []
    let prefix = "cookies_\(cookies)"
    steps.add("\(prefix)_standing", "cookies \(cookies): half-open requests", expected, standing)
    // Where the prediction leaves two answers, the counters follow the one that was seen.
    let kept = expected.allows(standing) ? standing : expected.low
    let counters = SynCounters(
      excess: sent - kept, cookies: cookies, isLastQuarter: predicted.isLastQuarter,
      release: lab.release)
    for (name, value) in zip(SynCounters.names, counters.values) {
      guard let after = grown.values[name] else { continue }
      let short = name.split(separator: ".").last ?? ""
      steps.add(
        "\(prefix)_\(short)", "cookies \(cookies): \(name) grew by", value,
        after - (before.values[name] ?? 0))
    }
    return steps
  }
}

extension Lab {
  /// How many requests stand at a port, once the kernel has looked at every SYN.
  ///
  /// On a busy machine packets wait a little before they are looked at; requests stand for a second
  /// at least, so that a second look takes nothing away.
  func standing(_ expected: Expected, at port: UInt16) throws(LabFailure) -> Int64 {
    var standing: Int64 = 0
    _ = try wait(0.3) { () throws(LabFailure) in
      standing = try count(.synRecv, at: port)
      return expected.allows(standing)
    }
    return standing
  }
}
