import Facts
import KernelModel

extension Experiment {
  /// So many random configurations of both queues, one after the other in one namespace.
  ///
  /// - Parameter count: how many; at most ``mostConfigurations``.
  /// - Returns: the experiment, whose two parameters are `random` and `seed`.
  public static func randomQueues(_ count: Int64) -> Experiment {
    Experiment(
      id: "random-queues", title: "both queues in random configurations",
      claims: ["Q2.1", "Q2.2"],
      parameters: [
        Parameter("random", "How many configurations", count, 1...mostConfigurations),
        Parameter("seed", "Where the random numbers begin", 0, 0...Int64.max),
      ],
      // Some 10 ms each; ten times that on a slow machine.
      patience: (usual: 20 + Int(count) / 10, slow: 20 + Int(count) / 10)
    ) { (lab, settings) throws(LabFailure) in
      var generator = SplitMix(UInt64(settings["seed"]))
      let wire = try Wire()
      var steps: [Proof.Step] = []
      for index in 1...settings["random"] {
        let configuration = Configuration(from: &generator)
        // Each has ports of its own, for requests outlive their listener by a second.
        let port = UInt16(firstPort + 2 * (index - 1))
        steps += try configuration.prove(lab, index, port, over: wire)
      }
      return steps
    }
  }

  /// Each needs two ports below those that clients get.
  public static let mostConfigurations: Int64 = 10_000
  private static let firstPort: Int64 = 2000
}

/// What decides about a listener's queues.
struct Configuration: Equatable {
  var backlog: Int64
  var somaxconn: Int64
  var maxSynBacklog: Int64
  var cookies: Int64

  /// Small and middling numbers, each kind as likely as the other.
  init(from generator: inout some RandomNumberGenerator) {
    func number(_ most: Int64) -> Int64 {
      Int64.random(in: 0...(Bool.random(using: &generator) ? 9 : most), using: &generator)
    }
    // -1 asks for the cap.
    backlog = Int.random(in: 0..<20, using: &generator) == 0 ? -1 : number(300)
    somaxconn = number(300)
    maxSynBacklog = number(400)
    cookies = Int64.random(in: 0...2, using: &generator)
  }

  /// `backlog 5, somaxconn 17, max_syn_backlog 40, cookies 1`.
  var words: String {
    "backlog \(backlog), somaxconn \(somaxconn), max_syn_backlog \(maxSynBacklog),"
      + " cookies \(cookies)"
  }

  /// Fills both queues, of a listener each.
  func prove(
    _ lab: Lab, _ index: Int64, _ port: UInt16, over wire: borrowing Wire
  ) throws(LabFailure) -> [Proof.Step] {
    try lab.set("net.core.somaxconn", somaxconn)
    try lab.set("net.ipv4.tcp_max_syn_backlog", maxSynBacklog)
    try lab.set("net.ipv4.tcp_syncookies", cookies)
    let predicted = try PredictedQueues(lab, backlog: backlog)
    var steps: [Proof.Step] = []

    let requests = Expected(predicted.syn)
    let halfOpen = try lab.listen(port: port, backlog: backlog)
    try lab.flood(requests.high + 10, to: port, over: wire)
    steps.add(
      "syn_\(index)", "\(words): half-open", requests, try lab.standing(requests, at: port))
    halfOpen.close()

    let connections = predicted.connections(cookies: cookies)
    let listener = try lab.listen(port: port + 1, backlog: backlog)
    var clients = Clients()
    try clients.connect(connections.high + 3, to: port + 1)
    _ = try lab.wait(0.3) { () throws(LabFailure) in
      connections.allows(try listener.queue().length)
    }
    steps.add(
      "accept_\(index)", "\(words): queued", connections, try listener.queue().length)
    return steps
  }
}

/// Random numbers that a seed repeats (Steele, Lea, Flood: SplitMix64).
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var word = state
    word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
    return word ^ (word >> 31)
  }
}
