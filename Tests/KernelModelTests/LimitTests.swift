import Facts
import KernelModel
import Testing

/// Q2.6 and kernel-facts 3.1: connect() by retries, without and with the linear timeouts of 6.5.
@Test(
  arguments: [
    (1, 3, 3), (2, 7, 7), (3, 15, 19), (4, 31, 35), (5, 63, 67), (6, 127, 131), (7, 247, 251),
  ] as [(Int64, Int64, Int64)])
func connectTimeout(_ retries: Int64, _ plain: Int64, _ linear: Int64) throws {
  let old = try model("6.4.6", ["net.ipv4.tcp_syn_retries": "\(retries)"])
  #expect(seconds(old.limit(.connectTimeout)) == plain)
  let new = try model(
    "6.18",
    ["net.ipv4.tcp_syn_retries": "\(retries)", "net.ipv4.tcp_syn_linear_timeouts": "4"])
  #expect(seconds(new.limit(.connectTimeout)) == linear)
}

/// Many linear timeouts beside few retries do not matter: the test of the elapsed time ends it.
@Test func linearTimeoutsAreBoundedByTime() throws {
  let model = try model(
    "6.18", ["net.ipv4.tcp_syn_retries": "2", "net.ipv4.tcp_syn_linear_timeouts": "100"])
  #expect(seconds(model.limit(.connectTimeout)) == 7)
}

/// Q2.5: a half-open entry's life.
@Test(
  arguments: [
    (0, 1), (1, 3), (2, 7), (3, 15), (4, 31), (5, 63), (6, 127), (7, 247), (8, 367),
  ] as [(Int64, Int64)])
func halfOpenLifetime(_ retries: Int64, _ life: Int64) throws {
  let limit = try model("5.10.218", ["net.ipv4.tcp_synack_retries": "\(retries)"])
    .limit(.halfOpenLifetime)
  #expect(seconds(limit) == life)
  #expect((limit.note != nil) == (retries > 2))
}

@Test func aRequestCountsInSevenBits() throws {
  let limit = try model("6.18", ["net.ipv4.tcp_synack_retries": "128"]).limit(.halfOpenLifetime)
  #expect(limit.value.absence?.kind == .unreadable)
}

private func keepalive(_ time: String, _ interval: String, _ probes: String) throws
  -> EffectiveLimit
{
  try model(
    "6.18",
    [
      "net.ipv4.tcp_keepalive_time": time, "net.ipv4.tcp_keepalive_intvl": interval,
      "net.ipv4.tcp_keepalive_probes": probes,
    ]
  ).limit(.deadPeerTime)
}

/// Q3.3: 7200 s and nine probes of 75 s; Q3's advice 60, 20, 3; no probe at all.
@Test func deadPeerTime() throws {
  #expect(seconds(try keepalive("7200", "75", "9")) == 7875)
  #expect(seconds(try keepalive("60", "20", "3")) == 120)
  let unprobed = try keepalive("2", "75", "0")
  #expect(seconds(unprobed) == 2)
  #expect(unprobed.note?.contains("unprobed") == true)
  #expect(try keepalive("-5", "75", "9").value.absence?.kind == .unreadable)
  #expect(try keepalive("9223372036854775807", "75", "9").value.absence?.kind == .unreadable)
  // 6.19 to 7.1 print a negative time as a number beyond 64 bits.
  #expect(
    try keepalive("-18372957097413714415", "75", "9").value.absence?.kind == .unreadable)
}

@Test(
  arguments: [
    ("32768 60999", "", 28232), ("1024 65535", "", 64512), ("32768 32768", "", 1),
    ("32768 60999", "8080,9000-9010", 28232), ("32768 60999", "40000,50000-50009", 28221),
    ("32768 60999", "30000-33000,32900-33001", 27998), ("32768 60999", "1-65535", 0),
  ] as [(String, String, Int64)])
func ephemeralPorts(_ range: String, _ reserved: String, _ ports: Int64) throws {
  let limit = try model(
    "6.18",
    ["net.ipv4.ip_local_port_range": range, "net.ipv4.ip_local_reserved_ports": reserved]
  ).limit(.ephemeralPorts)
  #expect(limit.value.value?.amount.whole == ports)
}

@Test(arguments: ["60999 32768", "a b", "", "32768", "-1 5", "1 70000"])
func rangesThatAreNone(_ range: String) throws {
  let limit = try model("6.18", ["net.ipv4.ip_local_port_range": range]).limit(.ephemeralPorts)
  #expect(limit.value.value == nil)
}

/// What the kernel compiles in and what never ends needs no tunable; all else says what it lacks.
@Test func everyLimitNamesItsInputs() throws {
  let constant: Set<LimitID> = [.timeWaitTime, .deadPeerTimeUnasked, .zeroWindowTime]
  let limits = try model("6.18", [:]).limits()
  #expect(limits.map(\.id) == LimitID.allCases.map(\.rawValue))
  for (limit, id) in zip(limits, LimitID.allCases) {
    #expect(!limit.title.isEmpty && !limit.formula.isEmpty)
    guard !constant.contains(id) else { continue }
    #expect(!limit.inputs.isEmpty, "\(limit.id)")
    #expect(limit.value.absence?.kind == .absent, "\(limit.id)")
    #expect(limit.drawing == nil)
  }
}

/// Rules compare a result by the dimension that the schema promises.
@Test func resultsHaveTheSchemasUnit() throws {
  for release in ["3.10.4", "4.18.1", "5.10.218", "6.18.2", "7.3.4"] {
    for (limit, id) in zip(try model(release, allDefaults).limits(), LimitID.allCases) {
      guard let value = limit.value.value else {
        #expect(limit.value.absence?.kind == .never, "\(release) \(limit.id)")
        continue
      }
      #expect(value.dimension == id.dimension, "\(limit.id)")
      #expect(id.info.type == .quantity(id.dimension))
    }
  }
}

/// More retries never shorten a timer.
@Test func timersGrow() throws {
  for retries in 1..<127 {
    for linear in [0, 4, 20] {
      let ends = try [retries, retries + 1].map { count in
        seconds(
          try model(
            "6.18",
            [
              "net.ipv4.tcp_syn_retries": "\(count)",
              "net.ipv4.tcp_syn_linear_timeouts": "\(linear)",
            ]
          ).limit(.connectTimeout)) ?? 0
      }
      #expect(ends[0] < ends[1], "\(retries) and \(linear)")
    }
  }
}
