package dev.firn.tuning.doctor;

import dev.firn.tuning.host.SystemTree;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The programs that Firn starts or that its benchmarks compare with. None of them is run here. */
record ProgramsReading(SystemTree tree, Map<String, String> environment) implements Reading {
    private static final String AREA = "programs";

    /** The majors that every feature is tested on. */
    private static final List<String> MAJORS = List.of("15", "17");

    private static final Pattern MAJOR =
            Pattern.compile(".*/(?:postgresql|pgsql|postgres)[-/@]?(\\d{2})(?:\\.\\d+)*/.*");

    @Override
    public void addTo(final List<Finding> findings) {
        final Map<String, String> found = postgres();
        for (final String major : MAJORS) {
            findings.add(
                    found.containsKey(major)
                            ? Finding.ok(AREA, "postgres " + major, found.get(major))
                            : Finding.degraded(
                                    AREA,
                                    "postgres " + major,
                                    "not found in PATH or the usual places",
                                    "no Postgres " + major + " can be started on a branch here; follow mode needs none",
                                    "install postgresql-" + major));
        }
        found.forEach((major, path) -> {
            if (!MAJORS.contains(major)) {
                findings.add(Finding.info(AREA, "postgres " + major, path));
            }
        });
        findings.add(program("mvn", "maven", "./firn cannot rebuild itself", "install maven"));
        findings.add(program("fio", "fio", "firn bench has no rival to measure the ring against", "install fio"));
    }

    /** Major version, or {@code of unknown version}, to the program's name. */
    private Map<String, String> postgres() {
        final Map<String, String> found = new LinkedHashMap<>();
        for (final String directory : environment.getOrDefault("PATH", "").split(":", -1)) {
            if (directory.startsWith("/")) {
                add(found, directory + "/postgres");
            }
        }
        for (final String version : tree.list("/usr/lib/postgresql", name -> true)) {
            add(found, "/usr/lib/postgresql/" + version + "/bin/postgres");
        }
        for (final String name : tree.list("/usr", entry -> entry.startsWith("pgsql-"))) {
            add(found, "/usr/" + name + "/bin/postgres");
        }
        return found;
    }

    private void add(final Map<String, String> found, final String program) {
        if (tree.isExecutable(program)) {
            final Matcher match = MAJOR.matcher(tree.realName(program).orElse(program));
            found.putIfAbsent(match.matches() ? match.group(1) : "of unknown version", program);
        }
    }

    private Finding program(final String program, final String name, final String cost, final String remedy) {
        for (final String directory : environment.getOrDefault("PATH", "").split(":", -1)) {
            if (directory.startsWith("/") && tree.isExecutable(directory + "/" + program)) {
                return Finding.ok(AREA, name, directory + "/" + program);
            }
        }
        return Finding.degraded(AREA, name, "not found in PATH", cost, remedy);
    }
}
