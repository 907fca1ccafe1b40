package dev.firn.bench.harness;

/** A benchmark could not be carried out; the others go on. The message says what to do. */
public final class BenchmarkException extends Exception {
    private static final long serialVersionUID = 1L;

    public BenchmarkException(final String message) {
        super(message);
    }

    public BenchmarkException(final String message, final Throwable cause) {
        super(message, cause);
    }
}
