package dev.firn.transport.aeron;

import java.io.IOException;
import java.nio.file.Path;

/** A process that holds a driver directory until it is killed; see {@link DriverDirectoryTest}. */
final class LockHolder {
    private LockHolder() {}

    public static void main(final String[] arguments) throws IOException {
        final DriverDirectory directory = DriverDirectory.create(Path.of(arguments[0]));
        System.out.println(directory.driver().getParent().getFileName());
        System.out.flush();
        // Until the other end of standard input closes, which a kill prevents this line from ever seeing.
        if (System.in.read() < 0) {
            directory.close();
        }
    }
}
