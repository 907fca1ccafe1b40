package dev.firn.nativeio.zstd;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The host's libzstd. Addresses and sizes are plain numbers to its functions; those who call them check the ranges first. None of the calls is bound
 * as critical: they take microseconds and more, and a collector must not have to wait for them.
 */
public final class ZstdLibrary {
    /** The library that the bindings are for. */
    public static final String LIBRARY = "libzstd.so.1";

    /** 1.4.0, where the functions used here became stable: MAJOR * 10000 + MINOR * 100 + RELEASE. */
    private static final int LEAST_VERSION = 1_04_00;

    private static final int MAJOR_UNIT = 10_000;
    private static final int MINOR_UNIT = 100;
    private static final long LONGEST_NAME = 256;

    /** Contexts that are open in this process. */
    static final AtomicInteger CONTEXTS = new AtomicInteger();

    private static final class Host {
        static final ZstdLibrary LIBRARY = load(ZstdLibrary.LIBRARY);
    }

    final MethodHandle createCompressor;
    final MethodHandle setParameter;
    final MethodHandle compress;
    final MethodHandle freeCompressor;
    final MethodHandle createDecompressor;
    final MethodHandle decompress;
    final MethodHandle freeDecompressor;
    private final MethodHandle errorName;
    private final int version;

    private ZstdLibrary(final SymbolLookup symbols, final int version) {
        this.version = version;
        createCompressor = function(symbols, "ZSTD_createCCtx", FunctionDescriptor.of(JAVA_LONG));
        setParameter = function(
                symbols, "ZSTD_CCtx_setParameter", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT));
        compress = function(
                symbols,
                "ZSTD_compress2",
                FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));
        freeCompressor = function(symbols, "ZSTD_freeCCtx", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG));
        createDecompressor = function(symbols, "ZSTD_createDCtx", FunctionDescriptor.of(JAVA_LONG));
        decompress = function(
                symbols,
                "ZSTD_decompressDCtx",
                FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));
        freeDecompressor = function(symbols, "ZSTD_freeDCtx", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG));
        errorName = function(symbols, "ZSTD_getErrorName", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG));
    }

    /** Whether this host has a libzstd that can be used; found out once. */
    public static boolean isPresent() {
        return Host.LIBRARY != null;
    }

    /** What frames are made by here, for logs and {@code firn doctor}. */
    public static String describe() {
        final ZstdLibrary library = Host.LIBRARY;
        return library == null
                ? LIBRARY + " is not installed, or older than 1.4.0"
                : "zstd " + library.version / MAJOR_UNIT + "." + library.version / MINOR_UNIT % MINOR_UNIT + "."
                        + library.version % MINOR_UNIT + " of " + LIBRARY;
    }

    /** How many compressors and decompressors are open in this process. */
    public static int openContexts() {
        return CONTEXTS.get();
    }

    /** Null when the host has none. */
    static ZstdLibrary host() {
        return Host.LIBRARY;
    }

    /** @throws IllegalStateException when the host has none. */
    static void requirePresent() {
        if (!isPresent()) {
            throw new IllegalStateException(describe());
        }
    }

    /** Null when there is none of this name, or one that is too old. */
    static ZstdLibrary load(final String name) {
        final SymbolLookup symbols;
        try {
            symbols = SymbolLookup.libraryLookup(name, Arena.global());
        } catch (final IllegalArgumentException notFound) {
            return null;
        }
        if (symbols.find("ZSTD_versionNumber").isEmpty()) {
            return null;
        }
        final int version;
        try {
            version = (int) function(symbols, "ZSTD_versionNumber", FunctionDescriptor.of(JAVA_INT))
                    .invokeExact();
        } catch (final Throwable e) {
            throw broken(e);
        }
        return version < LEAST_VERSION ? null : new ZstdLibrary(symbols, version);
    }

    /** The library's own words for what a call returned that is below zero. */
    String describeError(final long code) {
        try {
            final long address = (long) errorName.invokeExact(code);
            return MemorySegment.ofAddress(address).reinterpret(LONGEST_NAME).getString(0);
        } catch (final Throwable e) {
            throw broken(e);
        }
    }

    /** Where a range begins, which must be native memory and stay so for the call. */
    static long address(final MemorySegment segment, final long offset, final long lengthBytes) {
        Objects.checkFromIndexSize(offset, lengthBytes, segment.byteSize());
        if (!segment.isNative() || !segment.scope().isAlive()) {
            throw new IllegalArgumentException("not native memory that is there: " + segment);
        }
        return segment.address() + offset;
    }

    private static MethodHandle function(
            final SymbolLookup symbols, final String name, final FunctionDescriptor descriptor) {
        return Linker.nativeLinker().downcallHandle(symbols.findOrThrow(name), descriptor);
    }

    /** A downcall only throws when its arguments do not fit its descriptor: a defect of this package. */
    static AssertionError broken(final Throwable cause) {
        return new AssertionError("a function of " + LIBRARY + " was called wrongly", cause);
    }
}
