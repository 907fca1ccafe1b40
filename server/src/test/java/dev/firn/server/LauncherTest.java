package dev.firn.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The real {@code ./firn}, in a clone where the JDK and Maven are scripts that tell how they were called. */
@Timeout(60)
class LauncherTest {
    /** All that the launcher calls, beside java and mvn; nothing else is on its path. */
    private static final List<String> PROGRAMS = List.of(
            "awk",
            "basename",
            "bash",
            "cat",
            "dirname",
            "env",
            "find",
            "flock",
            "grep",
            "head",
            "mkdir",
            "mv",
            "readlink",
            "rm",
            "sh",
            "sleep",
            "tail",
            "touch");

    private static final String MAVEN = """
            #!/bin/sh
            echo "$JAVA_HOME | $*" >> "$CLONE/mvn.calls"
            if [ -e "$CLONE/mvn.slow" ]; then sleep 0.5; fi
            if [ -e "$CLONE/mvn.fails" ]; then echo "[INFO] noise"; echo "[ERROR] Foo.java:[3,7] no such symbol"; exit 1; fi
            mkdir -p "$CLONE/server/target/lib" && touch "$CLONE/server/target/lib/firn.jar"
            if [ -d "$CLONE/reports" ]; then
              mkdir -p "$CLONE/server/target/surefire-reports" "$CLONE/native/target/surefire-reports"
              cat "$CLONE/reports/a" > "$CLONE/server/target/surefire-reports/TEST-a.xml"
              cat "$CLONE/reports/b" > "$CLONE/native/target/surefire-reports/TEST-b.xml"
            fi
            exit $(cat "$CLONE/mvn.exit" 2>/dev/null || echo 0)
            """;

    private static final String JAVA = """
            #!/bin/sh
            case "$*" in
              *Rehearsal*)
                echo "$JAVA_HOME | $*" >> "$CLONE/rehearsals"
                if [ -e "$CLONE/rehearsal.fails" ]; then echo "no room"; exit 1; fi
                for argument in "$@"; do
                  case "$argument" in -XX:AOTCacheOutput=*) echo > "${argument#*=}";; esac
                done
                exit 0;;
            esac
            echo "pid $$"
            for argument in "$@"; do echo "<$argument>"; done
            exit 7
            """;

    @TempDir
    private Path folder;

    private Path clone;
    private Path programs;
    private Path jdks;

    private record Result(int exitCode, long pid, String out, String err) {}

    @BeforeEach
    void makeClone() throws IOException {
        clone = Files.createDirectory(folder.resolve("clone with space"));
        programs = Files.createDirectory(folder.resolve("bin"));
        jdks = Files.createDirectory(folder.resolve("jvm"));
        final Path root = Path.of(System.getProperty("firn.root"));
        Files.copy(root.resolve("firn"), clone.resolve("firn"), java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
        for (final String file : List.of(
                "pom.xml",
                "server/pom.xml",
                "native/pom.xml",
                ".mvn/jvm.config",
                "native/src/main/java/dev/firn/nativeio/A",
                "server/src/main/java/dev/firn/server/Main.java")) {
            write(clone.resolve(file), "");
        }
        write(clone.resolve("tuning/pom.xml"), "");
        write(clone.resolve("tuning/src/main/java/dev/firn/tuning/B"), "");
        write(
                clone.resolve("tuning/jvm.options"),
                "# why\n\n-XX:+UseZGC\n--add-modules=jdk.incubator.vector\n-XX:+UseCompactObjectHeaders\n");
        for (final String program : PROGRAMS) {
            script(programs.resolve(program), "#!/bin/sh\nexec " + onPath(program) + " \"$@\"\n");
        }
        script(programs.resolve("mvn"), MAVEN);
        makeJdk("temurin-25", "25.0.3");
    }

    @Test
    void shouldHandArgumentsAndExitCodeThroughAndBecomeTheJvm() throws Exception {
        final Result result = firn("status", "--dir", "a b", "");
        assertThat(result.exitCode()).isEqualTo(7);
        assertThat(result.out()).startsWith("pid " + result.pid() + "\n");
        assertThat(result.out())
                .endsWith("<-cp>\n<" + clone + "/server/target/lib/*>\n<dev.firn.server.Main>\n"
                        + "<status>\n<--dir>\n<a b>\n<>\n");
    }

    @Test
    void shouldTakeTheFlagsFromOneFile() throws Exception {
        for (final String command : List.of("up", "restore", "status")) {
            assertThat(firn("--verbose", command, "--in-process").out())
                    .as(command)
                    .contains("<-XX:+UseSerialGC>\n")
                    .contains("<-XX:+UseCompactObjectHeaders>\n")
                    .contains("<-XX:AOTCache=" + clone + "/server/target/firn.aot>\n<-Xlog:aot*=off,cds*=off>\n")
                    .doesNotContain("incubator")
                    .doesNotContain("ZGC");
        }
        assertThat(firn("tune", "show").out()).contains("<@" + clone + "/tuning/jvm.options>\n");
        assertThat(firn("wal", "verify").out())
                .as("a replay of gigabytes, with the optimizing compiler and the vector module")
                .contains("<@" + clone + "/tuning/jvm.options>\n");
        assertThat(firn("store", "ls", "store").out())
                .contains("<-XX:+UseZGC>\n")
                .contains("<-XX:+UseCompactObjectHeaders>\n")
                .doesNotContain("SerialGC")
                .doesNotContain("AOTCache")
                .doesNotContain("incubator");
        assertThat(firn("--help").out())
                .contains("<-XX:+UseSerialGC>\n")
                .contains("<-XX:+UseCompactObjectHeaders>\n")
                .doesNotContain("ZGC")
                .doesNotContain("incubator")
                .doesNotContain("why");
        assertThat(firn("--verbose", "bench").out()).contains("<@" + clone + "/tuning/jvm.options>\n");
        assertThat(run(Map.of("FIRN_JAVA_OPTS", "-Xmx8g -Dfirn.ring=portable"), "up")
                        .out())
                .contains("<-Xmx8g>\n<-Dfirn.ring=portable>\n<-cp>");
    }

    @Test
    void shouldTakeJavaHomeWhenItIsTheRightJdk() throws Exception {
        final Path home = makeJdkAt(folder.resolve("home 25"), "25");
        run(Map.of("JAVA_HOME", home.toString()), "status");
        assertThat(calls()).singleElement().asString().startsWith(home + " | ");
    }

    @Test
    void shouldFindTheRightJdkWhenJavaHomeAndPathAreOlder() throws Exception {
        final Path old = makeJdkAt(folder.resolve("old"), "17.0.2");
        makeJdkAt(jdks.resolve("a-later"), "250.1");
        Files.createDirectory(jdks.resolve("empty"));
        Files.createSymbolicLink(programs.resolve("java"), old.resolve("bin/java"));
        final Result result = run(Map.of("JAVA_HOME", old.toString()), "status");
        assertThat(result.exitCode()).isEqualTo(7);
        assertThat(calls()).singleElement().asString().startsWith(jdks.resolve("temurin-25") + " | ");
    }

    @Test
    void shouldFindTheJdkOfTheJavaOnThePath() throws Exception {
        final Path elsewhere = makeJdkAt(folder.resolve("elsewhere"), "25.0.1");
        Files.createSymbolicLink(programs.resolve("java"), elsewhere.resolve("bin/java"));
        run(Map.of("FIRN_JVM_FOLDERS", folder.resolve("none").toString()), "status");
        assertThat(calls()).singleElement().asString().startsWith(elsewhere + " | ");
    }

    @Test
    void shouldSayInOneLineWhichJdkToInstall() throws Exception {
        final Result result =
                run(Map.of("FIRN_JVM_FOLDERS", folder.resolve("none").toString()), "status");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err())
                .startsWith("firn: JDK 25 was not found: install one")
                .hasLineCount(1);
        assertThat(result.out()).isEmpty();
    }

    @Test
    void shouldSayInOneLineThatMavenIsMissing() throws Exception {
        Files.delete(programs.resolve("mvn"));
        final Result result = firn("status");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err())
                .startsWith("firn: Maven is needed to build: install it")
                .hasLineCount(1);
    }

    @Test
    void shouldBuildOnlyWhatIsStale() throws Exception {
        final Result first = firn("status");
        assertThat(first.err())
                .startsWith("firn: building (the first build downloads dependencies)…")
                .containsPattern("  done in \\d+ s\n")
                .hasLineCount(1);
        assertThat(firn("status").err()).isEmpty();
        assertThat(calls()).hasSize(1);
        assertThat(calls().getFirst()).contains("package -Dmaven.test.skip=true");

        for (final String changed : List.of("pom.xml", "native/pom.xml", "native/src/main/java/dev/firn/nativeio/A")) {
            touchLater(clone.resolve(changed));
            assertThat(firn("status").err()).as(changed).contains("building");
            age(clone.resolve(changed));
            assertThat(firn("status").err()).as(changed).isEmpty();
        }
        Files.delete(clone.resolve("native/src/main/java/dev/firn/nativeio/A"));
        touchLater(clone.resolve("native/src/main/java/dev/firn/nativeio"));
        assertThat(firn("status").err()).as("a deleted source").contains("building");
    }

    @Test
    void shouldLeaveNoOldJarBehind() throws Exception {
        firn("status");
        write(clone.resolve("server/target/lib/dropped-dependency.jar"), "");
        touchLater(clone.resolve("pom.xml"));
        firn("status");
        assertThat(clone.resolve("server/target/lib/dropped-dependency.jar")).doesNotExist();
    }

    @Test
    void shouldShowWhatMavenSaidWhenTheBuildFailsAndBuildAgainNextTime() throws Exception {
        write(clone.resolve("mvn.fails"), "");
        final Result failed = firn("status");
        assertThat(failed.exitCode()).isEqualTo(1);
        assertThat(failed.out()).isEmpty();
        assertThat(failed.err())
                .contains("  failed after ")
                .contains("[ERROR] Foo.java:[3,7] no such symbol")
                .doesNotContain("noise")
                .contains("the whole log is " + clone + "/target/firn-build.log");
        Files.delete(clone.resolve("mvn.fails"));
        assertThat(firn("status").exitCode()).isEqualTo(7);
        assertThat(calls()).hasSize(2);
    }

    @Test
    void shouldBuildOnceWhenStartedTwiceAtOnce() throws Exception {
        write(clone.resolve("mvn.slow"), "");
        final List<Process> both = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            both.add(builder(Map.of(), "status")
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start());
        }
        for (final Process process : both) {
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(7);
        }
        assertThat(calls()).hasSize(1);
    }

    @Test
    void shouldRehearseAStartAfterABuildAndWhenTheJdkIsAnother() throws Exception {
        firn("status");
        assertThat(firn("status").err()).isEmpty();
        assertThat(rehearsals()).singleElement().asString().endsWith("Rehearsal " + clone + "/server/target/rehearsal");
        final Path home = makeJdkAt(folder.resolve("home 25"), "25");
        assertThat(run(Map.of("JAVA_HOME", home.toString()), "status").err())
                .startsWith("firn: preparing quick starts…  done in ")
                .hasLineCount(1);
        assertThat(rehearsals()).hasSize(2).last().asString().startsWith(home + " | ");
        assertThat(calls()).hasSize(1);
    }

    @Test
    void shouldGoOnWhenARehearsalFailsAndNotTryAgain() throws Exception {
        write(clone.resolve("rehearsal.fails"), "");
        final Result result = firn("status");
        assertThat(result.exitCode()).isEqualTo(7);
        assertThat(result.err())
                .contains("firn: starts will take longer than they could: what they read could not be made; the log is "
                        + clone + "/target/firn-build.log\n");
        assertThat(result.out()).doesNotContain("AOTCache");
        assertThat(firn("status").err()).isEmpty();
        assertThat(rehearsals()).hasSize(1);
    }

    @Test
    void shouldSumTheReportsOfThisRun() throws Exception {
        write(clone.resolve("native/target/surefire-reports/TEST-old.xml"), suite(100, 50, 0, 0));
        write(clone.resolve("reports/a"), suite(10, 1, 2, 3));
        write(
                clone.resolve("reports/b"),
                "<?xml version=\"1.0\"?>\n" + suite(5, 0, 0, 1) + "<system-out>\n" + suite(70, 7, 7, 7));
        write(clone.resolve("mvn.exit"), "1");
        final Result result = firn("test");
        assertThat(result.out()).isEqualTo("8 passed, 3 failed, 4 skipped\n");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(calls()).singleElement().asString().endsWith(" verify").doesNotContain("-pl");
    }

    @Test
    void shouldNameTheTestsThatFailedAtTheEnd() throws Exception {
        write(clone.resolve("reports/a"), suite(2, 0, 1, 0) + """
                  <testcase name="shouldPass" classname="dev.firn.A" time="1"/>
                  <testcase name="shouldFail" classname="dev.firn.A" time="1">
                    <failure message="&#10;Expecting actual:&#10;  &quot;a&quot; &amp; &lt;b&gt;" type="x"><![CDATA[
                <failure message="not this one">]]></failure>
                  </testcase>
                """);
        write(clone.resolve("reports/b"), suite(1, 1, 0, 0) + """
                  <testcase name="shouldNotThrow[1]" classname="dev.firn.B" time="1">
                    <error type="java.lang.NullPointerException"><![CDATA[trace]]></error>
                """);
        write(clone.resolve("mvn.exit"), "1");
        assertThat(firn("test").err().lines().filter(line -> line.startsWith("failed: ")))
                .containsExactlyInAnyOrder(
                        "failed: dev.firn.A.shouldFail: Expecting actual: \"a\" & <b>",
                        "failed: dev.firn.B.shouldNotThrow[1]: ");
    }

    @Test
    void shouldCountABuildThatFailedWithoutATest() throws Exception {
        write(clone.resolve("mvn.fails"), "");
        final Result result = firn("test");
        assertThat(result.out()).isEqualTo("0 passed, 1 failed, 0 skipped\n");
        assertThat(result.err()).contains("no test failed, but the build did");
        assertThat(result.exitCode()).isEqualTo(1);
    }

    @Test
    void shouldNeedNoFurtherBuildAfterATestOfEverything() throws Exception {
        assertThat(firn("test").out()).isEqualTo("0 passed, 0 failed, 0 skipped\n");
        assertThat(firn("status").err())
                .startsWith("firn: preparing quick starts…")
                .hasLineCount(1);
        firn("test", "native");
        assertThat(firn("status").err()).isEmpty();
        assertThat(calls()).hasSize(2);
    }

    @Test
    void shouldRunTheTestsOfTheNamedModulesOnly() throws Exception {
        firn("test", "native/", "server", "--long");
        assertThat(calls())
                .singleElement()
                .asString()
                .contains("-Dfirn.test.excludedGroups= -Dfirn.test.optimized=true -pl native,server -am"
                        + " -Dtest=dev/firn/nativeio/**/*Test*,dev/firn/server/**/*Test*");
    }

    @Test
    void shouldRefuseWhatTestDoesNotKnow() throws Exception {
        for (final String wrong : List.of("no-such-module", "--fast", "server/src", "..")) {
            final Result result = firn("test", wrong);
            assertThat(result.exitCode()).as(wrong).isEqualTo(2);
            assertThat(result.out()).isEmpty();
            assertThat(result.err()).startsWith("firn: ").hasLineCount(1);
        }
        assertThat(clone.resolve("mvn.calls")).doesNotExist();
        assertThat(firn("test", "--help").exitCode()).isZero();
    }

    @Test
    void shouldWorkFromAnyFolderAndThroughALink() throws Exception {
        final Path link = Files.createSymbolicLink(folder.resolve("link"), clone.resolve("firn"));
        final ProcessBuilder builder = builder(Map.of(), "status");
        builder.command(link.toString(), "status").directory(folder.toFile());
        assertThat(finish(builder).out()).contains("<" + clone + "/server/target/lib/*>");
    }

    private static String suite(final int tests, final int errors, final int failures, final int skipped) {
        return "<testsuite name=\"x tests=9\" time=\"1\" tests=\"%d\" errors=\"%d\" skipped=\"%d\" failures=\"%d\">\n"
                .formatted(tests, errors, skipped, failures);
    }

    private Result firn(final String... arguments) throws Exception {
        return run(Map.of(), arguments);
    }

    private Result run(final Map<String, String> environment, final String... arguments) throws Exception {
        return finish(builder(environment, arguments));
    }

    private static Result finish(final ProcessBuilder builder) throws Exception {
        final Process process = builder.start();
        // Some lines at most: they fit into the pipes.
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return new Result(
                process.exitValue(),
                process.pid(),
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8),
                new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
    }

    private ProcessBuilder builder(final Map<String, String> environment, final String... arguments) {
        final List<String> command = new ArrayList<>();
        command.add(clone.resolve("firn").toString());
        command.addAll(List.of(arguments));
        final ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().clear();
        builder.environment().put("PATH", programs.toString());
        builder.environment().put("HOME", folder.toString());
        builder.environment().put("LC_ALL", "C.UTF-8");
        builder.environment().put("CLONE", clone.toString());
        builder.environment().put("FIRN_JVM_FOLDERS", jdks.toString());
        builder.environment().putAll(environment);
        return builder;
    }

    private List<String> calls() throws IOException {
        return Files.readAllLines(clone.resolve("mvn.calls"));
    }

    private List<String> rehearsals() throws IOException {
        return Files.readAllLines(clone.resolve("rehearsals"));
    }

    private void makeJdk(final String name, final String version) throws IOException {
        makeJdkAt(jdks.resolve(name), version);
    }

    private static Path makeJdkAt(final Path home, final String version) throws IOException {
        write(home.resolve("release"), "IMPLEMENTOR=\"X\"\nJAVA_VERSION=\"" + version + "\"\n");
        script(home.resolve("bin/java"), JAVA);
        script(home.resolve("bin/javac"), JAVA);
        return home;
    }

    private static void script(final Path path, final String content) throws IOException {
        write(path, content);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static void write(final Path path, final String content) throws IOException {
        Files.createDirectories(path.getParent());
        Files.writeString(path, content);
    }

    private void touchLater(final Path path) throws IOException {
        final FileTime built = Files.getLastModifiedTime(clone.resolve("server/target/firn.built"));
        Files.setLastModifiedTime(path, FileTime.fromMillis(built.toMillis() + 2_000));
    }

    private static void age(final Path path) throws IOException {
        Files.setLastModifiedTime(path, FileTime.fromMillis(1_000_000_000_000L));
    }

    private static Path onPath(final String program) {
        for (final String part : System.getenv("PATH").split(":", -1)) {
            if (Files.isExecutable(Path.of(part, program))) {
                return Path.of(part, program);
            }
        }
        throw new AssertionError(program + " is not on the path");
    }
}
