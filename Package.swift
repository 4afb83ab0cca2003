// swift-tools-version: 6.2
import PackageDescription

/// What every target is held to: pointers say `unsafe`, imports are internal unless they say
/// `public`, and a warning is an error.
let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]

/// Tests may use Foundation and Testing as those libraries are meant to be used, so they are not
/// asked to mark what is unsafe inside them.
let testSettings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

func library(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies + ["Support"], swiftSettings: testSettings)
}

// The order is the architecture: a target depends only on targets above it.
let package = Package(
  name: "tcptune",
  products: [.executable(name: "tcptune", targets: ["tcptune"])],
  targets: [
    .target(name: "CLinux"),
    library("Facts", []),
    library("JSON", []),

    library("KernelModel", ["Facts"]),
    library("Expressions", ["Facts"]),
    library("SysctlConf", ["Facts"]),
    library("HostFS", ["CLinux", "Facts"]),
    library("Netlink", ["CLinux", "Facts"]),

    library("Pages", ["Expressions", "SysctlConf", "Facts"]),
    .executableTarget(
      name: "embed-catalogue", dependencies: ["Pages", "Expressions"],
      path: "Sources/Tools/embed-catalogue", swiftSettings: settings),
    .plugin(
      name: "EmbedCatalogue", capability: .buildTool(), dependencies: ["embed-catalogue"],
      path: "Sources/Tools/EmbedCatalogue"),
    // Rules and Profiles are links to the top-level folders. They are not compiled; they are part
    // of the target only so that a page which comes or goes makes the plugin plan again.
    .target(
      name: "Catalogue", dependencies: ["Pages", "Expressions", "SysctlConf", "Facts"],
      exclude: ["Rules", "Profiles"], swiftSettings: settings, plugins: ["EmbedCatalogue"]),

    library("Audit", ["Catalogue", "Pages", "Expressions", "SysctlConf", "KernelModel", "Facts"]),
    library("Rendering", ["JSON", "Facts"]),
    library("Apply", ["CLinux", "HostFS", "SysctlConf", "JSON", "Facts"]),
    library("Prove", ["CLinux", "Netlink", "HostFS", "KernelModel", "JSON", "Facts"]),
    library("SnapshotFile", ["JSON", "Facts"]),

    library(
      "CommandLine",
      [
        "Apply", "Audit", "Catalogue", "Pages", "Prove", "Rendering", "SnapshotFile", "HostFS",
        "Netlink", "SysctlConf", "KernelModel", "Expressions", "Facts", "CLinux",
      ]),
    .executableTarget(name: "tcptune", dependencies: ["CommandLine"], swiftSettings: settings),

    .target(
      name: "Support", dependencies: ["CLinux", "Netlink"], path: "Tests/Support",
      swiftSettings: testSettings),
    tests("FactsTests", ["Facts"]),
    tests("JSONTests", ["JSON"]),
    tests("KernelModelTests", ["KernelModel", "Facts"]),
    tests("ExpressionsTests", ["Expressions", "Facts"]),
    tests("SysctlConfTests", ["SysctlConf", "Facts"]),
    tests("HostFSTests", ["HostFS", "Facts"]),
    tests("NetlinkTests", ["Netlink", "Facts"]),
    tests("PagesTests", ["Pages", "Catalogue", "Expressions", "Facts"]),
    tests(
      "AuditTests",
      [
        "Audit", "Catalogue", "Pages", "Expressions", "SysctlConf", "HostFS", "KernelModel",
        "Rendering", "Facts",
      ]),
    tests("ApplyTests", ["Apply", "SysctlConf", "Facts"]),
    tests("RenderingTests", ["Rendering", "Facts"]),
    tests("ProveTests", ["Prove", "Netlink", "Facts"]),
    tests("SnapshotFileTests", ["SnapshotFile", "Facts"]),
    tests("CommandLineTests", ["CommandLine", "SysctlConf", "Facts"]),
    tests("EndToEndTests", ["tcptune"]),
    tests(
      "LiveTests",
      ["tcptune", "Apply", "Prove", "Netlink", "HostFS", "SysctlConf", "Facts"]),
    tests("LayoutTests", ["tcptune"]),
  ],
  swiftLanguageModes: [.v6]
)
