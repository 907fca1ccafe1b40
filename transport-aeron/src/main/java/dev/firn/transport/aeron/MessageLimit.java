package dev.firn.transport.aeron;

import dev.firn.nativeio.network.Endpoint;
import io.aeron.ChannelUriStringBuilder;
import java.util.OptionalInt;

/**
 * How long the messages are that an endpoint sends, and so what a way from it to a node of the same host costs: three terms of
 * eight such messages each, in shared memory. Whoever listens takes the longest from everybody.
 */
public enum MessageLimit {
    /** For who sends many pages at once. Terms are as long as the driver's profile has them: 24 MiB a way, or 48. */
    LONGEST(Endpoint.MAX_MESSAGE_LENGTH, OptionalInt.empty()),
    /** For who sends WAL, requests and short answers: 6 MiB a way. */
    QUARTER(Endpoint.MAX_MESSAGE_LENGTH / 4 - FrameLayout.SEALED_HEADER_LENGTH, OptionalInt.of(2 << 20));

    private final int messageLength;
    private final OptionalInt ipcTermLength;

    MessageLimit(final int messageLength, final OptionalInt ipcTermLength) {
        this.messageLength = messageLength;
        this.ipcTermLength = ipcTermLength;
    }

    /** Of the longest message that is taken. */
    public int messageLength() {
        return messageLength;
    }

    /** Aeron's URI for a publication to this address. */
    String channelTo(final NodeAddress address) {
        return ipcTermLength.isEmpty() || address instanceof NodeAddress.Udp
                ? address.channel()
                : new ChannelUriStringBuilder(address.channel())
                        .termLength(ipcTermLength.getAsInt())
                        .build();
    }
}
