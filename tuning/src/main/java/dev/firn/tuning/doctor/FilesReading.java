package dev.firn.tuning.doctor;

import dev.firn.tuning.host.ProcessStatus;
import dev.firn.tuning.host.SystemTree;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Open files and FUSE. */
record FilesReading(SystemTree tree) implements Reading {
    /** Segments, layers, relations of a compute, connections. */
    static final long GOOD_OPEN_FILES = 16_384;

    private static final String AREA = "files";

    @Override
    public void addTo(final List<Finding> findings) {
        findings.add(openFiles());
        findings.add(fuseDevice());
        findings.add(fuseHelper());
    }

    private Finding openFiles() {
        final ProcessStatus status = new ProcessStatus(tree);
        final OptionalLong soft = status.softLimit("Max open files");
        if (soft.isEmpty()) {
            return Finding.info(AREA, "open files", "unknown: /proc/self/limits cannot be read");
        }
        final String value = shown(soft.getAsLong()) + ", at most "
                + shown(status.hardLimit("Max open files").orElse(soft.getAsLong()));
        return soft.getAsLong() >= GOOD_OPEN_FILES
                ? Finding.ok(AREA, "open files", value)
                : Finding.degraded(
                        AREA,
                        "open files",
                        value,
                        "layer files are closed and opened again as reads move between them",
                        "firn tune apply raises it for the next login; for a service, LimitNOFILE=");
    }

    private Finding fuseDevice() {
        if (!tree.exists("/dev/fuse")) {
            return Finding.degraded(
                    AREA,
                    "fuse",
                    "/dev/fuse is not there",
                    "no stateless Postgres on this host: its pages are served through a mount; the rest of Firn runs",
                    "modprobe fuse; in a container, pass the device /dev/fuse in");
        }
        final boolean open = Files.isReadable(tree.resolve("/dev/fuse")) && Files.isWritable(tree.resolve("/dev/fuse"));
        return open
                ? Finding.ok(AREA, "fuse", "/dev/fuse may be opened")
                : Finding.degraded(
                        AREA,
                        "fuse",
                        "/dev/fuse may not be opened",
                        "no stateless Postgres on this host: its pages are served through a mount; the rest"
                                + " of Firn runs",
                        "chmod 666 /dev/fuse, as the distributions do");
    }

    private Finding fuseHelper() {
        final Optional<String> helper = tree.firstProgram("fusermount3", "fusermount");
        if (helper.isPresent()) {
            return Finding.ok(AREA, "fuse helper", helper.get());
        }
        return new ProcessStatus(tree).hasCapability(ProcessStatus.CAP_SYS_ADMIN)
                ? Finding.info(AREA, "fuse helper", "no fusermount3; this user may mount without it")
                : Finding.degraded(
                        AREA,
                        "fuse helper",
                        "no fusermount3",
                        "only root can start a stateless Postgres here",
                        "install fuse3");
    }

    private static String shown(final long limit) {
        return limit == ProcessStatus.UNLIMITED ? "unlimited" : Long.toString(limit);
    }
}
