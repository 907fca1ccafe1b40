package dev.firn.nativeio.posix;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Finds functions of the C library. Every handle takes the errno capture as its first argument. */
final class Libc {
    private static final Linker LINKER = Linker.nativeLinker();

    private Libc() {}

    /** A handle for a function that sets errno; the capture segment comes before the function's own arguments. */
    static MethodHandle function(final String name, final FunctionDescriptor descriptor, final Linker.Option... extra) {
        final Linker.Option[] options = new Linker.Option[extra.length + 1];
        options[0] = ErrnoCapture.OPTION;
        System.arraycopy(extra, 0, options, 1, extra.length);
        return LINKER.downcallHandle(address(name), descriptor, options);
    }

    private static MemorySegment address(final String name) {
        return LINKER.defaultLookup()
                .find(name)
                .orElseThrow(() -> new IllegalStateException("the C library has no function " + name));
    }

    /** A downcall only throws when its arguments do not fit its descriptor: a defect of this package. */
    static AssertionError broken(final Throwable cause) {
        return new AssertionError("a native call was made wrongly", cause);
    }
}
