package dev.firn.server.home;

import dev.firn.server.CommandException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.random.RandomGenerator;

/**
 * What a command shows a running system when it asks for a change: {@code control.token} in the data directory, readable by its
 * owner alone. Drawn anew at each start.
 */
public final class ControlToken {
    private static final String FILE_NAME = "control.token";
    private static final int BYTES = 32;

    private ControlToken() {}

    public static String draw(final RandomGenerator random) {
        final byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** Lets commands of this user find it. */
    public static void write(final Path directory, final String token) {
        PrivateText.replace(directory.resolve(FILE_NAME), token + "\n");
    }

    /** That of the system that is up on a directory. */
    public static String read(final Path directory) {
        return PrivateText.read(directory.resolve(FILE_NAME))
                .map(String::strip)
                .orElseThrow(() -> new CommandException("there is no " + FILE_NAME + " in " + directory
                        + ": stop the system with ./firn down and start it again"));
    }
}
