import Facts
import KernelModel
import Testing

/// A model of a release with these keys, which may lack `net.ipv4.`; all others are absent.
func model(_ release: String, _ keys: [String: String]) throws -> KernelModel {
  let values = try Dictionary(
    uniqueKeysWithValues: keys.map { name, value in
      (try #require(SysctlKey(name.hasPrefix("net.") ? name : "net.ipv4.\(name)")), value)
    })
  return KernelModel(release: .known(try #require(KernelRelease(release)))) { key in
    values[key].map { .known($0) } ?? .absent("not in the test")
  }
}

/// A limit's whole seconds.
func seconds(_ limit: EffectiveLimit) -> Int64? {
  #expect(limit.value.value?.dimension ?? .seconds == .seconds)
  return limit.value.value?.amount.whole
}

/// Tenths of a second, milliseconds and the like in the seconds of a timeline.
func seconds(_ numbers: [Double]) -> [Fraction] {
  numbers.map { Fraction(milliseconds: Int64(($0 * 1000).rounded())) }
}

/// The keys of a machine with defaults, those of newer releases left out.
let allDefaults = [
  "net.core.somaxconn": "4096", "net.core.rmem_max": "212992", "tcp_max_syn_backlog": "1024",
  "tcp_syncookies": "1", "tcp_syn_retries": "6", "tcp_synack_retries": "5", "tcp_retries1": "3",
  "tcp_retries2": "15", "tcp_orphan_retries": "0", "tcp_keepalive_time": "7200",
  "tcp_keepalive_intvl": "75", "tcp_keepalive_probes": "9", "tcp_fin_timeout": "60",
  "tcp_max_tw_buckets": "131072", "tcp_max_orphans": "131072", "tcp_tw_reuse": "2",
  "tcp_timestamps": "1", "ip_local_port_range": "32768 60999", "ip_local_reserved_ports": "",
  "tcp_rmem": "4096 131072 6291456", "tcp_wmem": "4096 16384 4194304", "tcp_mem": "100 200 300",
  "tcp_window_scaling": "1", "tcp_fastopen": "1",
]

/// The same with some changed.
func defaults(_ keys: [String: String]) -> [String: String] {
  allDefaults.merging(keys) { $1 }
}
