package dev.firn.nativeio.uring;

import dev.firn.nativeio.liburing.LibUring;
import dev.firn.nativeio.liburing.io_uring_params;
import dev.firn.nativeio.liburing.io_uring_probe;
import dev.firn.nativeio.liburing.io_uring_probe_op;
import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.RingConfig;
import dev.firn.nativeio.storage.StorageException;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What io_uring gives on this host, found out by doing it.
 *
 * @param available whether a {@link UringRing} can be opened.
 * @param reason why not, in one sentence; empty when it is available.
 * @param remedy what to do about it; empty when it is available.
 * @param setupFlags the best set of setup flags that the kernel took.
 * @param submissionThread whether a kernel submission thread (SQPOLL) is granted.
 * @param registeredRing whether the ring's own descriptor can be registered.
 * @param registeredFiles whether a table of files can be registered.
 * @param registeredBuffers whether memory can be registered (memlock limit).
 * @param features the kernel's IORING_FEAT_ names.
 * @param operations each operation that Firn uses, and whether the kernel has it.
 */
public record UringSupport(
        boolean available,
        String reason,
        String remedy,
        String setupFlags,
        boolean submissionThread,
        boolean registeredRing,
        boolean registeredFiles,
        boolean registeredBuffers,
        List<String> features,
        Map<String, Boolean> operations) {
    /** The library that the bindings are for. */
    public static final String LIBRARY = "liburing.so.2";

    private static final String INSTALL = "install liburing 2 (Debian and Ubuntu: apt-get install liburing2)";
    private static final Path SYSCTL = Path.of("/proc/sys/kernel/io_uring_disabled");
    private static final int PROBE_CAPACITY = 8;
    private static final int PROBE_BUFFER_BYTES = 1 << 20;

    private static final class Host {
        static final UringSupport SUPPORT = probe();
    }

    /** The answer for this process, probed once. */
    public static UringSupport host() {
        return Host.SUPPORT;
    }

    /** Probes anew. Takes well under a millisecond once the library is loaded. */
    public static UringSupport probe() {
        return probe(LIBRARY);
    }

    static UringSupport probe(final String library) {
        if (!present(library)) {
            return unavailable(library + " is not installed", INSTALL);
        }
        final RingConfig config = RingConfig.ofCapacity(PROBE_CAPACITY);
        try (Arena arena = Arena.ofConfined()) {
            final UringSetup setup = UringSetup.open(arena, config);
            try {
                return examine(setup, arena);
            } finally {
                setup.close();
            }
        } catch (final StorageException e) {
            return refused(e.errno());
        }
    }

    private static boolean present(final String library) {
        try (Arena arena = Arena.ofConfined()) {
            return SymbolLookup.libraryLookup(library, arena)
                    .find("io_uring_queue_init_params")
                    .isPresent();
        } catch (final IllegalArgumentException notFound) {
            return false;
        }
    }

    private static UringSupport refused(final int errno) {
        final String sysctl = readSysctl();
        return switch (errno) {
            case Errno.ENOSYS ->
                unavailable(
                        "this kernel has no io_uring, or a seccomp filter hides it",
                        "run on Linux 5.19 or later, and let the container's seccomp profile pass io_uring");
            case Errno.EPERM, Errno.EACCES ->
                sysctl.equals("1") || sysctl.equals("2")
                        ? unavailable(
                                "io_uring is switched off (kernel.io_uring_disabled = " + sysctl + ")",
                                "sysctl kernel.io_uring_disabled=0, or add the user to kernel.io_uring_group")
                        : unavailable(
                                "io_uring is refused, by a seccomp filter or a security module",
                                "let the container's seccomp profile pass io_uring_setup, io_uring_enter, io_uring_register");
            case Errno.EINVAL ->
                unavailable("this kernel's io_uring is too old: it refuses COOP_TASKRUN", "run on Linux 5.19 or later");
            case Errno.ENOMEM ->
                unavailable("io_uring is refused for want of locked memory", "raise the memlock limit (ulimit -l)");
            default ->
                unavailable(
                        "io_uring_setup failed with " + Errno.describe(errno), "see io_uring_setup(2) for this error");
        };
    }

    private static String readSysctl() {
        // One read of the whole: a second one on a file of /proc/sys finds the end, whatever the first one left.
        try (BufferedReader sysctl = Files.newBufferedReader(SYSCTL)) {
            final String value = sysctl.readLine();
            return value == null ? "" : value.strip();
        } catch (final IOException absentBeforeLinux66) {
            return "";
        }
    }

    private static UringSupport unavailable(final String reason, final String remedy) {
        return new UringSupport(false, reason, remedy, "", false, false, false, false, List.of(), Map.of());
    }

    private static UringSupport examine(final UringSetup setup, final Arena arena) {
        final MemorySegment ring = setup.ring();
        final boolean files = LibUring.io_uring_register_files_sparse(ring, PROBE_CAPACITY) == 0;
        final FixedBuffers buffers = new FixedBuffers(ring);
        final boolean registered = buffers.register(arena.allocate(PROBE_BUFFER_BYTES));
        buffers.unregister();
        return new UringSupport(
                true,
                "",
                "",
                setup.step().name(),
                grantsSubmissionThread(arena),
                setup.registered(),
                files,
                registered,
                featureNames(setup.features()),
                operations(ring));
    }

    private static boolean grantsSubmissionThread(final Arena arena) {
        final RingConfig config = RingConfig.ofCapacity(PROBE_CAPACITY).withSubmissionThread();
        final MemorySegment ring = arena.allocate(512, 64);
        final MemorySegment params = io_uring_params.allocate(arena);
        if (UringSetup.initialise(ring, params, config, UringSetup.SUBMISSION_THREAD.flags()) != 0) {
            return false;
        }
        LibUring.io_uring_queue_exit(ring);
        return true;
    }

    private static List<String> featureNames(final int features) {
        final Map<Integer, String> names = new TreeMap<>(Map.of(
                LibUring.IORING_FEAT_SINGLE_MMAP(), "SINGLE_MMAP",
                LibUring.IORING_FEAT_NODROP(), "NODROP",
                LibUring.IORING_FEAT_SUBMIT_STABLE(), "SUBMIT_STABLE",
                LibUring.IORING_FEAT_FAST_POLL(), "FAST_POLL",
                LibUring.IORING_FEAT_SQPOLL_NONFIXED(), "SQPOLL_NONFIXED",
                LibUring.IORING_FEAT_EXT_ARG(), "EXT_ARG",
                LibUring.IORING_FEAT_NATIVE_WORKERS(), "NATIVE_WORKERS",
                LibUring.IORING_FEAT_RSRC_TAGS(), "RSRC_TAGS",
                LibUring.IORING_FEAT_CQE_SKIP(), "CQE_SKIP",
                LibUring.IORING_FEAT_LINKED_FILE(), "LINKED_FILE"));
        final List<String> present = new ArrayList<>();
        names.forEach((bit, name) -> {
            if ((features & bit) != 0) {
                present.add(name);
            }
        });
        return List.copyOf(present);
    }

    private static Map<String, Boolean> operations(final MemorySegment ring) {
        final Map<String, Integer> used = Map.ofEntries(
                Map.entry("NOP", LibUring.IORING_OP_NOP()),
                Map.entry("READ", LibUring.IORING_OP_READ()),
                Map.entry("READ_FIXED", LibUring.IORING_OP_READ_FIXED()),
                Map.entry("READV", LibUring.IORING_OP_READV()),
                Map.entry("WRITE", LibUring.IORING_OP_WRITE()),
                Map.entry("WRITE_FIXED", LibUring.IORING_OP_WRITE_FIXED()),
                Map.entry("WRITEV", LibUring.IORING_OP_WRITEV()),
                Map.entry("FSYNC", LibUring.IORING_OP_FSYNC()),
                Map.entry("FALLOCATE", LibUring.IORING_OP_FALLOCATE()),
                Map.entry("TIMEOUT", LibUring.IORING_OP_TIMEOUT()),
                Map.entry("LINK_TIMEOUT", LibUring.IORING_OP_LINK_TIMEOUT()),
                Map.entry("ASYNC_CANCEL", LibUring.IORING_OP_ASYNC_CANCEL()));
        final Map<String, Boolean> answers = new TreeMap<>();
        final MemorySegment probe = LibUring.io_uring_get_probe_ring(ring);
        if (probe.address() == 0) {
            return answers;
        }
        try {
            final int known = Byte.toUnsignedInt(io_uring_probe.ops_len(probe));
            final MemorySegment all = probe.reinterpret(io_uring_probe.sizeof() + known * io_uring_probe_op.sizeof());
            used.forEach((name, code) -> answers.put(
                    name,
                    code < known
                            && (io_uring_probe_op.flags(all.asSlice(
                                                    io_uring_probe.sizeof() + code * io_uring_probe_op.sizeof()))
                                            & LibUring.IO_URING_OP_SUPPORTED())
                                    != 0));
        } finally {
            LibUring.io_uring_free_probe(probe);
        }
        return answers;
    }
}
