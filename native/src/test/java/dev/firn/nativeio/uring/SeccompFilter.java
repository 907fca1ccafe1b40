package dev.firn.nativeio.uring;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Takes a system call away from the calling thread for the rest of its life (seccomp(2)), as container profiles do. */
final class SeccompFilter {
    static final int IO_URING_SETUP = 425;

    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final int PR_SET_SECCOMP = 22;
    private static final int SECCOMP_MODE_FILTER = 2;
    private static final int SECCOMP_RET_ERRNO = 0x0005_0000;
    private static final int SECCOMP_RET_ALLOW = 0x7fff_0000;
    private static final short LOAD_WORD = 0x20;
    private static final short JUMP_IF_EQUAL = 0x15;
    private static final short RETURN = 0x06;
    private static final long INSTRUCTION_BYTES = 8;

    private SeccompFilter() {}

    /** From now on the call fails with the errno in this thread. */
    static void refuseInThisThread(final int systemCall, final int errno) {
        final Linker linker = Linker.nativeLinker();
        final MethodHandle prctl = linker.downcallHandle(
                linker.defaultLookup().find("prctl").orElseThrow(),
                FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG),
                Linker.Option.firstVariadicArg(1));
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment program = arena.allocate(4 * INSTRUCTION_BYTES, 8);
            instruction(program, 0, LOAD_WORD, 0, 0, 0);
            instruction(program, 1, JUMP_IF_EQUAL, 0, 1, systemCall);
            instruction(program, 2, RETURN, 0, 0, SECCOMP_RET_ERRNO | errno);
            instruction(program, 3, RETURN, 0, 0, SECCOMP_RET_ALLOW);
            final MemorySegment filter = arena.allocate(16, 8);
            filter.set(JAVA_SHORT, 0, (short) 4);
            filter.set(ADDRESS, 8, program);
            call((int) prctl.invokeExact(PR_SET_NO_NEW_PRIVS, 1L, MemorySegment.NULL, 0L, 0L));
            call((int) prctl.invokeExact(PR_SET_SECCOMP, (long) SECCOMP_MODE_FILTER, filter, 0L, 0L));
        } catch (final RuntimeException e) {
            throw e;
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }

    private static void call(final int status) {
        if (status != 0) {
            throw new IllegalStateException("prctl refused");
        }
    }

    /** struct sock_filter: code, jump if true, jump if false, constant. */
    private static void instruction(
            final MemorySegment program, final int index, final short code, final int yes, final int no, final int k) {
        final long at = index * INSTRUCTION_BYTES;
        program.set(JAVA_SHORT, at, code);
        program.set(JAVA_BYTE, at + 2, (byte) yes);
        program.set(JAVA_BYTE, at + 3, (byte) no);
        program.set(JAVA_INT, at + 4, k);
    }
}
