package dev.firn.bench.s3;

/** Where and as whom both clients work. The server believes anyone; signing is work all the same. */
final class LoadAccount {
    static final String BUCKET = "bench";
    static final String ACCESS_KEY = "bench";
    static final String SECRET_KEY = "bench-bench-bench";

    private LoadAccount() {}
}
