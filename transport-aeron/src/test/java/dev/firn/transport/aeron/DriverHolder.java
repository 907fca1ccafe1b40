package dev.firn.transport.aeron;

import java.io.IOException;
import java.nio.file.Path;

/** A process that runs a media driver until it is killed, or its standard input ends; see {@link StandaloneDriverTest}. */
final class DriverHolder {
    private DriverHolder() {}

    public static void main(final String[] arguments) throws IOException {
        try (StandaloneDriver driver = StandaloneDriver.launch(DriverProfile.of(arguments[0]), Path.of(arguments[1]))) {
            System.out.println(driver);
            System.out.flush();
            while (System.in.read() >= 0) {
                // Nothing is sent: the end is what it waits for.
            }
        }
    }
}
