/// An option of a command.
struct Option: Sendable {
  /// With its dashes: `--window`.
  var name: String
  /// The word for its value in the help; nil for a flag.
  var value: String?
  /// One line for the help, with a full stop.
  var help: String
  /// Whether it may be given several times.
  var isRepeatable = false
}

extension Option {
  static let format = Option(
    name: "--format", value: "text|json", help: "How to print the result; text by default.")
  static let color = Option(
    name: "--color", value: "auto|always|never",
    help: "Colour on a terminal, always or never; NO_COLOR is honoured.")
  static let set = Option(
    name: "--set", value: "KEY=VALUE", help: "Answer as if the key had this value.",
    isRepeatable: true)
  static let snapshot = Option(
    name: "--snapshot", value: "FILE|-", help: "Read a saved snapshot instead of this host.")
  static let root = Option(
    name: "--root", value: "DIR", help: "Read a recorded host: DIR/proc and DIR/snapshot.json.")
  static let netns = Option(
    name: "--netns", value: "NAME|PID",
    help: "Look at another network namespace: a name of ip-netns, or a process in it.")
  static let allNamespaces = Option(
    name: "--all-netns", value: nil, help: "A table of every network namespace; never walks.")
  static let since = Option(
    name: "--since", value: "FILE", help: "Form rates since this saved snapshot.")
  static let states = Option(
    name: "--states", value: nil, help: "Count the sockets of all eleven states.")
  static let connections = Option(
    name: "--connections", value: nil,
    help: "Look at every connection: bytes that stand, SYNs sent again, ports by destination.")
  static let noFiles = Option(
    name: "--no-files", value: nil, help: "Do not read sysctl files.")
  static let rules = Option(
    name: "--rules", value: "DIR", help: "Add the pages below DIR.", isRepeatable: true)
  static let allow = Option(
    name: "--allow", value: "RULE",
    help: "Leave out findings of this rule; 'RULE SUBJECT' those about one subject.",
    isRepeatable: true)
  static let allowFile = Option(
    name: "--allow-file", value: "F",
    help: "Leave out what the file allows, like /etc/tcptune/allow: 'RULE SUBJECT: why'.",
    isRepeatable: true)
  static let window = Option(
    name: "--window", value: "D", help: "Watch for a while (10s) and form rates.")
  static let noOwners = Option(
    name: "--no-owners", value: nil, help: "Do not look for the processes behind listeners.")
  static let walk = Option(
    name: "--walk", value: "auto|always|never",
    help: "Walk the table of connections; auto does where it costs at most 50 ms.")
  static let minSeverity = Option(
    name: "--min-severity", value: "note|warning|error", help: "Show findings from this one on.")
  static let failOn = Option(
    name: "--fail-on", value: "note|warning|error|never",
    help: "Exit 1 from this severity on; warning by default.")
  static let backlog = Option(
    name: "--backlog", value: "N", help: "Show the queues that listen() with N makes.")
  static let members = Option(
    name: "--members", value: "K",
    help: "With --backlog: the sums of a group of K listeners (SO_REUSEPORT).")
  static let roundTrip = Option(
    name: "--rtt", value: "D", help: "The round-trip time for buffers (80ms); 100ms by default.")
  static let kernel = Option(
    name: "--kernel", value: "R",
    help: "A host of release R with its defaults, or a read one as if it ran R.")
  static let against = Option(
    name: "--against", value: "FILE",
    help: "The file to change; /etc/sysctl.d/99-tcptune.conf by default.")
  static let rule = Option(name: "--rule", value: "ID", help: "Only the remedy of this rule.")
  static let profile = Option(
    name: "--profile", value: "NAME|FILE",
    help: "A profile: a path if it has a / or ends in .conf; of several the later wins.",
    isRepeatable: true)
  static let findings = Option(
    name: "--findings", value: nil, help: "Plan the remedies of the present findings.")
  static let skipMissing = Option(
    name: "--skip-missing", value: nil,
    help: "Leave out keys that this host does not have instead of refusing.")
  static let dryRun = Option(
    name: "--dry-run", value: nil, help: "Show the plan and write nothing.")

  /// Where the facts come from, and how the answer looks: options of every reading command.
  static let reading = [set, snapshot, root, netns, rules, format, color]
}
