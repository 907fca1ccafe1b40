package dev.firn.bench.s3.load;

/**
 * Asks the server how it is doing; the first of them starts it.
 *
 * @param objectBytes how long each object is.
 */
public record LoadQuestion(int objectBytes) {}
