package dev.firn.transport.aeron;

import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.transport.authentication.PeerSecret;
import java.util.Arrays;

/** Networks whose nodes authenticate. */
final class Secrets {
    private Secrets() {}

    static PeerSecret secret(final int which) {
        final byte[] bytes = new byte[PeerSecret.MIN_BYTES];
        Arrays.fill(bytes, (byte) which);
        return PeerSecret.of(bytes);
    }

    static AeronNetwork network(final AddressTable table, final DriverChoice choice, final int whichSecret) {
        return new AeronNetwork(table, choice, secret(whichSecret), SystemClock.INSTANCE, SystemRandom.secure());
    }
}
