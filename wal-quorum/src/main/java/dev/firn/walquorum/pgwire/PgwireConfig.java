package dev.firn.walquorum.pgwire;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.Clock;
import java.time.Duration;
import java.util.Objects;

/**
 * What a connection needs of its surroundings.
 *
 * @param memory             where its buffers are; they are freed when it is closed.
 * @param receiveBufferBytes how much one read takes at most: a power of two from 64 KiB to 16 MiB.
 * @param commandLimit       how long the server may take to answer a command.
 * @param backupSilenceLimit how long a base backup may send nothing: its checkpoint takes as long as
 *     {@code checkpoint_timeout} when it is not a fast one.
 */
public record PgwireConfig(
        Clock clock, OffHeapMemory memory, int receiveBufferBytes, Duration commandLimit, Duration backupSilenceLimit) {
    public static final int MIN_RECEIVE_BUFFER_BYTES = 64 << 10;
    public static final int MAX_RECEIVE_BUFFER_BYTES = 16 << 20;
    public static final int DEFAULT_RECEIVE_BUFFER_BYTES = 256 << 10;

    private static final Duration DEFAULT_COMMAND_LIMIT = Duration.ofSeconds(60);
    private static final Duration DEFAULT_BACKUP_SILENCE_LIMIT = Duration.ofMinutes(30);

    public PgwireConfig {
        Objects.requireNonNull(clock, "clock");
        Objects.requireNonNull(memory, "memory");
        if (receiveBufferBytes < MIN_RECEIVE_BUFFER_BYTES
                || receiveBufferBytes > MAX_RECEIVE_BUFFER_BYTES
                || Integer.bitCount(receiveBufferBytes) != 1) {
            throw new IllegalArgumentException("a receive buffer of " + receiveBufferBytes
                    + " bytes is no power of two from " + MIN_RECEIVE_BUFFER_BYTES + " to " + MAX_RECEIVE_BUFFER_BYTES);
        }
    }

    public static PgwireConfig of(final Clock clock, final OffHeapMemory memory) {
        return new PgwireConfig(
                clock, memory, DEFAULT_RECEIVE_BUFFER_BYTES, DEFAULT_COMMAND_LIMIT, DEFAULT_BACKUP_SILENCE_LIMIT);
    }

    public PgwireConfig withCommandLimit(final Duration limit) {
        return new PgwireConfig(clock, memory, receiveBufferBytes, limit, backupSilenceLimit);
    }

    public PgwireConfig withReceiveBufferBytes(final int bytes) {
        return new PgwireConfig(clock, memory, bytes, commandLimit, backupSilenceLimit);
    }
}
