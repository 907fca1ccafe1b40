package dev.firn.transport.aeron;

import dev.firn.nativeio.network.MessageHandler;
import dev.firn.nativeio.network.SendResult;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.transport.authentication.PeerSecret;
import java.io.IOException;
import java.nio.file.Path;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.SleepingMillisIdleStrategy;

/** A process that is node 1 and sends back what it gets, until it is killed; see {@link KilledPeerTest}. */
final class EchoPeer {
    private EchoPeer() {}

    /** @param arguments the driver's directory, the secret's file. */
    public static void main(final String[] arguments) throws IOException {
        final IdleStrategy idle = new SleepingMillisIdleStrategy(1);
        try (AeronNetwork network = new AeronNetwork(
                Wait.ipcTable(2),
                DriverChoice.standalone(Path.of(arguments[0])),
                PeerSecret.read(Path.of(arguments[1])),
                SystemClock.INSTANCE,
                SystemRandom.secure())) {
            final AeronEndpoint self = network.open(1);
            final MessageHandler echo = (source, buffer, offset, length) -> {
                if (self.send(source, buffer, offset, length) == SendResult.CLOSED) {
                    throw new IllegalStateException("closed");
                }
            };
            System.out.println("ready");
            System.out.flush();
            while (System.in.available() == 0) {
                idle.idle(self.poll(echo, 100));
            }
        }
    }
}
