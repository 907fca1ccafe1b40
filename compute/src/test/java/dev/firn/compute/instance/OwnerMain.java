package dev.firn.compute.instance;

import dev.firn.nativeio.seam.SystemClock;
import java.nio.file.Path;

/** A program that starts a server in an existing cluster and ends without stopping it, or waits to be killed. */
public final class OwnerMain {
    private OwnerMain() {}

    /** @param arguments the server's directory; whether to end ("end") or to wait for the end of standard input ("wait") */
    public static void main(final String[] arguments) throws Exception {
        final ServerConfig config = ServerConfig.of(TestPostgres.binaries(15), Path.of(arguments[0]));
        final PostgresServer server = new PostgresServer(config, SystemClock.INSTANCE);
        final Thread starter = new Thread(server::start);
        // The thread that calls start ends here: the server has to outlive it.
        starter.start();
        starter.join();
        System.out.println(server.pid());
        if (arguments[1].equals("wait")) {
            System.in.transferTo(System.out);
        }
    }
}
