import Support
import Testing

/// Words that `prove` refuses before it makes anything.
@Test(arguments: [
  RefusalCase(
    arguments: ["prove", "syn-queu"],
    line: "tcptune: prove: expected an experiment (tcptune prove list), found 'syn-queu'"
      + "; did you mean 'syn-queue'?"),
  RefusalCase(
    arguments: ["prove", "accept-queue", "--raised", "3"],
    line: "tcptune: prove: expected a parameter that accept-queue has, found '--raised'"
      + "; it has --backlog, --somaxconn, --extra, --cookies"),
  RefusalCase(
    arguments: ["prove", "--backlog", "3"],
    line: "tcptune: prove: expected a parameter that the whole run has, found '--backlog'"
      + "; it has no parameters"),
  RefusalCase(
    arguments: ["prove", "accept-queue", "--backlog", "5001"],
    line: "tcptune: --backlog: expected a whole number from -1 to 5000, found '5001'"),
  RefusalCase(
    arguments: ["prove", "accept-queue", "--cookies", "3"],
    line: "tcptune: --cookies: expected a whole number from 0 to 2, found '3'"),
  RefusalCase(
    arguments: ["prove", "accept-queue", "syn-queue"],
    line: "tcptune prove: expected one name, found 'syn-queue' after it"),
  RefusalCase(
    arguments: ["prove", "--random", "0"],
    line: "tcptune: --random: expected a whole number from 1 to 10000, found '0'"),
  RefusalCase(
    arguments: ["prove", "accept-queue", "--random", "3"],
    line: "tcptune: prove: expected no experiment with --random, found 'accept-queue'"),
  RefusalCase(
    arguments: ["prove", "--seed", "3"],
    line: "tcptune: prove: expected --random with --seed, found none"),
  RefusalCase(
    arguments: ["prove", "accept-queue", "--kernel", "latest"],
    line: "tcptune: --kernel: expected a release since 3.10 as in '5.10' or '6.1.170',"
      + " found 'latest'"),
  RefusalCase(
    arguments: ["prove", "list", "--backlog", "3"],
    line: "tcptune: prove: expected a parameter that list has, found '--backlog'"
      + "; it has no parameters"),
])
func proveRefusesWords(_ c: RefusalCase) throws {
  let result = try BuiltProgram.run(c.arguments)
  #expect(result.status == c.status)
  #expect(result.errors == c.line + "\n")
  #expect(result.output == "")
}

/// The list needs no namespace: it can be read where nothing can be proved.
@Test func proveListNamesTheExperiments() throws {
  let result = try BuiltProgram.run(["prove", "list"])
  #expect(result.status == 0)
  for name in ["accept-queue", "listen-clamp", "abort-on-overflow", "syn-queue"] {
    #expect(result.output.contains("\n\(name)  ") || result.output.hasPrefix("\(name)  "))
  }
}
