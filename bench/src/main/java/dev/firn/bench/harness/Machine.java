package dev.firn.bench.harness;

import com.fasterxml.jackson.annotation.JsonInclude;

/** Where and with what a run was made: a figure without it means nothing. Null: the host does not say. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Machine(
        String cpu,
        int cores,
        Long memoryBytes,
        String kernel,
        String jdk,
        String jvmFlags,
        String disk,
        String fileSystem,
        String commit,
        String startedAt) {}
