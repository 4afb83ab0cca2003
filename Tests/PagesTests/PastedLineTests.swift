import Catalogue
import Facts
import Pages
import Testing

private let embedded = Catalogue.embedded()

/// What the kernel writes, as a log has it: with time and host before it, and numbers in its middle.
@Test(arguments: [
  FindCase(
    "Nov 21 14:46:08 web1 kernel: [12345.678901] TCP: request_sock_TCP: Possible SYN "
      + "flooding on port 0.0.0.0:8080. Sending cookies.",
    "TcpExt.TCPReqQFullDoCookies"),
  FindCase(
    "TCP: request_sock_TCP: Possible SYN flooding on port 8080. Sending cookies.  "
      + "Check SNMP counters.",
    "TcpExt.TCPReqQFullDoCookies"),
  FindCase("possible SYN flooding on port 80. Sending cookies.", "TcpExt.TCPReqQFullDoCookies"),
  FindCase("possible SYN flooding on port %d", "syncookies"),
  FindCase(
    "TCP: request_sock_TCPv6: Possible SYN flooding on port [2001:db8::1]:443. Dropping request.",
    "TcpExt.TCPReqQFullDrop"),
  FindCase(
    "TCP: request_sock_subflow_v4: Possible SYN flooding on port [::]:20002. Sending cookies.",
    "TcpExt.TCPReqQFullDoCookies"),
  FindCase("TCP: too many orphaned sockets", "TcpExt.TCPAbortOnMemory"),
  FindCase("[  99.1] TCP: too many of orphaned sockets", "TcpExt.TCPAbortOnMemory"),
  FindCase("TCP: time wait bucket table overflow", "TcpExt.TCPTimeWaitOverflow"),
  FindCase("TCP: out of memory -- consider tuning tcp_mem", "TcpExt.TCPAbortOnMemory"),
  FindCase("Out of socket memory", "memory-of-sockets"),
  FindCase("nf_conntrack: nf_conntrack: table full, dropping packet", "conntrack"),
  FindCase(
    "nf_conntrack: nf_conntrack: table full in netns 4026532008, dropping packet",
    "conntrack"),
  FindCase("ip_conntrack: table full, dropping packet.", "conntrack"),
  FindCase(
    "TCP: Peer 10.0.0.5:51234/80 unexpectedly shrunk window 2430745930:2430747378 (repaired)",
    "kernel-log-lines"),
  FindCase(
    "TCP: Treason uncloaked! Peer 10.1.1.40:37859/873 shrinks window "
      + "2430745930:2430747378. Repaired.",
    "kernel-log-lines"),
  FindCase(
    "TCP: tcp_parse_options: Illegal window scaling value 15 > 14 received",
    "kernel-log-lines"),
  FindCase(
    "TCP: Probing zero-window on 127.0.0.1:9999/46946, seq=3737778959:3737791503, "
      + "recv 209ms ago, lasting 209ms",
    "kernel-log-lines"),
  FindCase("neighbour: arp_cache: neighbor table overflow!", "kernel-log-lines"),
  FindCase("TCP: drop open request from 10.0.0.5/51234", "net.ipv4.tcp_max_syn_backlog"),
])
func linesOfTheKernelsLog(_ c: FindCase) {
  #expect(embedded.find(c.word)?.page.name == c.page)
}

/// Files, assignments and complaints that have a key in them.
@Test(arguments: [
  FindCase("/proc/sys/net/core/somaxconn", "net.core.somaxconn"),
  FindCase("sys/net/core/somaxconn", "net.core.somaxconn"),
  FindCase("cat /proc/sys/net/ipv4/tcp_fin_timeout", "net.ipv4.tcp_fin_timeout"),
  FindCase("net.core.somaxconn = 4096", "net.core.somaxconn"),
  FindCase("net.core.somaxconn=4096", "net.core.somaxconn"),
  FindCase("sysctl -w net.core.somaxconn=4096", "net.core.somaxconn"),
  FindCase(
    "sysctl: cannot stat /proc/sys/net/ipv4/tcp_tw_recycle: No such file or directory",
    "key-removed"),
])
func linesAboutKeys(_ c: FindCase) {
  #expect(embedded.find(c.word)?.page.name == c.page)
}

/// An error as languages and servers print it.
@Test(arguments: [
  FindCase("errno 99", "EADDRNOTAVAIL"),
  FindCase("OSError: [Errno 99] Cannot assign requested address", "EADDRNOTAVAIL"),
  FindCase("Cannot assign requested address", "EADDRNOTAVAIL"),
  FindCase("dial tcp 10.0.0.1:80: connect: cannot assign requested address", "EADDRNOTAVAIL"),
  FindCase("java.net.BindException: Address already in use", "EADDRINUSE"),
  FindCase("nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)", "EADDRINUSE"),
  FindCase("read tcp 10.0.0.1:5->10.0.0.2:80: read: connection reset by peer", "ECONNRESET"),
  FindCase("write: broken pipe", "EPIPE"),
  FindCase(
    "recv() failed (104: Connection reset by peer) while reading response header from upstream",
    "ECONNRESET"),
  FindCase(
    "upstream timed out (110: Connection timed out) while connecting to upstream",
    "ETIMEDOUT"),
  FindCase("dial tcp 10.0.0.1:80: i/o timeout", "ETIMEDOUT"),
  FindCase("{ errno: -111, code: 'ECONNREFUSED', syscall: 'connect' }", "ECONNREFUSED"),
  FindCase("accept4(): Too many open files", "EMFILE"),
])
func errorsAsProgramsPrintThem(_ c: FindCase) {
  #expect(embedded.find(c.word)?.page.name == c.page)
}

/// States as ss and netstat spell them, counters as nstat does, words of other tongues.
@Test(arguments: [
  FindCase("syn-recv", "SYN_RECV"),
  FindCase("SYN_RECEIVED", "SYN_RECV"),
  FindCase("FIN-WAIT-1", "FIN_WAIT1"),
  FindCase("close-wait", "CLOSE_WAIT"),
  FindCase("TIMEWAIT", "TIME_WAIT"),
  FindCase("TcpExtListenOverflows           20                 0.0", "TcpExt.ListenOverflows"),
  FindCase("TcpExt.ListenOverflows", "TcpExt.ListenOverflows"),
  FindCase("TcpActiveOpens", "Tcp.ActiveOpens"),
  FindCase("slow start", "congestion-window"),
  FindCase("慢启动", "congestion-window"),
  FindCase("拥塞控制", "congestion-window"),
  FindCase("半连接队列满了怎么办", "TcpExt.TCPReqQFullDrop"),
  FindCase("全连接队列", "accept-queue"),
])
func spellingsAndFurtherWords(_ c: FindCase) {
  #expect(embedded.find(c.word)?.page.name == c.page)
}

/// `netstat -s` has a sentence of its own for these.
@Test(arguments: [
  FindCase("1234567 active connection openings", "Tcp.ActiveOpens"),
  FindCase("    1234567 failed connection attempts", "Tcp.AttemptFails"),
  FindCase("1234567 connections established", "Tcp.CurrEstab"),
  FindCase("    1234567 connection resets received", "Tcp.EstabResets"),
  FindCase("1234567 bad segments received", "Tcp.InErrs"),
  FindCase("    1234567 segments received", "Tcp.InSegs"),
  FindCase("1234567 resets sent", "Tcp.OutRsts"),
  FindCase("    1234567 segments sent out", "Tcp.OutSegs"),
  FindCase("1234567 passive connection openings", "Tcp.PassiveOpens"),
  FindCase("    1234567 segments retransmitted", "Tcp.RetransSegs"),
  FindCase("Quick ack mode was activated 1234567 times", "TcpExt.DelayedACKLost"),
  FindCase("    1234567 delayed acks sent", "TcpExt.DelayedACKs"),
  FindCase("1234567 resets received for embryonic SYN_RECV sockets", "TcpExt.EmbryonicRsts"),
  FindCase("    1234567 SYNs to LISTEN sockets dropped", "TcpExt.ListenDrops"),
  FindCase("1234567 times the listen queue of a socket overflowed", "TcpExt.ListenOverflows"),
  FindCase(
    "    1234567 packets dropped from out-of-order queue because of socket buffer overrun",
    "TcpExt.OfoPruned"),
  FindCase(
    "1234567 ICMP packets dropped because they were out-of-window",
    "TcpExt.OutOfWindowIcmps"),
  FindCase("    1234567 active connections rejected because of time stamp", "TcpExt.PAWSActive"),
  FindCase(
    "1234567 packetes rejected in established connections because of timestamp",
    "TcpExt.PAWSEstab"),
  FindCase(
    "    1234567 packets pruned from receive queue because of socket buffer overrun",
    "TcpExt.PruneCalled"),
  FindCase("1234567 packets pruned from receive queue", "TcpExt.RcvPruned"),
  FindCase("    1234567 invalid SYN cookies received", "TcpExt.SyncookiesFailed"),
  FindCase("1234567 SYN cookies received", "TcpExt.SyncookiesRecv"),
  FindCase("    1234567 SYN cookies sent", "TcpExt.SyncookiesSent"),
  FindCase("1234567 times unable to send RST due to no memory", "TcpExt.TCPAbortFailed"),
  FindCase("    1234567 connections reset due to early user close", "TcpExt.TCPAbortOnClose"),
  FindCase("1234567 connections reset due to unexpected data", "TcpExt.TCPAbortOnData"),
  FindCase(
    "    1234567 connections aborted after user close in linger timeout",
    "TcpExt.TCPAbortOnLinger"),
  FindCase("1234567 connections aborted due to memory pressure", "TcpExt.TCPAbortOnMemory"),
  FindCase("    1234567 connections aborted due to timeout", "TcpExt.TCPAbortOnTimeout"),
  FindCase("1234567 DSACKs sent for out of order packets", "TcpExt.TCPDSACKOfoSent"),
  FindCase("    1234567 DSACKs sent for old packets", "TcpExt.TCPDSACKOldSent"),
  FindCase("1234567 DSACKs received", "TcpExt.TCPDSACKRecv"),
  FindCase(
    "    1234567 congestion windows recovered without slow start by DSACK",
    "TcpExt.TCPDSACKUndo"),
  FindCase("1234567 fast retransmits", "TcpExt.TCPFastRetrans"),
  FindCase("    1234567 retransmits lost", "TcpExt.TCPLostRetransmit"),
  FindCase("TCP ran low on memory 1234567 times", "TcpExt.TCPMemoryPressures"),
  FindCase(
    "    1234567 packets collapsed in receive queue due to low socket buffer",
    "TcpExt.TCPRcvCollapsed"),
  FindCase(
    "1234567 times recovered from packet loss by selective acknowledgements",
    "TcpExt.TCPSackRecovery"),
  FindCase("    1234567 bad SACK blocks received", "TcpExt.TCPSACKReneging"),
  FindCase("Detected reordering 1234567 times using SACK", "TcpExt.TCPSACKReorder"),
  FindCase("    1234567 retransmits in slow start", "TcpExt.TCPSlowStartRetrans"),
  FindCase("1234567 other TCP timeouts", "TcpExt.TCPTimeouts"),
  FindCase("    1234567 TCP sockets finished time wait in slow timer", "TcpExt.TWKilled"),
  FindCase("1234567 TCP sockets finished time wait in fast timer", "TcpExt.TW"),
  FindCase("    1234567 time wait sockets recycled by time stamp", "TcpExt.TWRecycled"),
])
func sentencesOfNetstat(_ c: FindCase) {
  #expect(embedded.find(c.word)?.page.name == c.page)
}

/// A word in a sentence is no name, and a part of a name is none either.
@Test(arguments: [
  "please close the door", "the listen address", "com.example.tcp_memory", "tcp_keepalive_foo",
  "net.ipv4.tcp_fin_timeouts", "memory", "10.0.0.1:80", "%s", "", "   ", "…",
])
func whatHasNoNameInItFindsNothing(_ line: String) {
  #expect(embedded.find(line)?.page.name == nil)
}

/// A line is searched whatever is in it and however long it is.
@Test func hostileLines() {
  let long = String(repeating: "tcp_mem_", count: 20_000)
  #expect(embedded.find(long) == nil)
  #expect(embedded.find(long + " TIME_WAIT") == nil)
  #expect(embedded.find("\u{0} \u{1B}[31m TIME-WAIT \u{202E}")?.page.name == "TIME_WAIT")
  #expect(embedded.find("👩‍👩‍👧 net.core.somaxconn=1 👩‍👩‍👧")?.page.name == "net.core.somaxconn")
}

/// What was found is what the reader is told, as it stood in the line.
@Test func theNameThatWasFoundIsTold() throws {
  let found = try #require(
    embedded.find("kernel: TCP: Possible SYN flooding on port 0.0.0.0:80. Sending cookies."))
  #expect(found.alias == "Possible SYN flooding on port 0.0.0.0:80. Sending cookies")
  #expect(found.alsoFits.first == "syncookies")
  // A page's own name needs no explanation.
  #expect(try #require(embedded.find("sysctl -w net.core.somaxconn=1")).alias == nil)
}

// MARK: Near misses

@Test(arguments: [
  ("ListenOverflow", ["TcpExt.ListenOverflows"]), ("TcpExtListenDrop", ["TcpExt.ListenDrops"]),
  ("somaxcon", ["somaxconn"]), ("net.core.somaxcon", ["net.core.somaxconn"]),
  ("EADDRINUSED", ["EADDRINUSE"]), ("TIME_WAITT", ["TIME_WAIT", "concept time-wait"]),
  ("FIN_WAIT", ["FIN_WAIT1", "FIN_WAIT2"]), ("connexion refused", ["ECONNREFUSED"]),
  ("xyzzyq", []), ("ss", []), ("连", []),
])
func nearNames(_ typed: String, _ names: [String]) {
  #expect(embedded.find(typed) == nil)
  #expect(Array(embedded.nearestNames(to: typed).prefix(max(1, names.count))) == names)
}

/// What is proposed, or stands under "Read on", leads where it says.
@Test func everyWordLeadsToItsPage() {
  for entry in embedded.entries {
    #expect(embedded.find(embedded.word(for: entry.name))?.page.name == entry.name)
  }
  #expect(embedded.word(for: "time-wait") == "concept time-wait")
  #expect(embedded.find("state time-wait")?.page.name == "TIME_WAIT")
}
