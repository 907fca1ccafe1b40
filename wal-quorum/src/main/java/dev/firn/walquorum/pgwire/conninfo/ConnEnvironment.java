package dev.firn.walquorum.pgwire.conninfo;

import java.nio.file.Path;
import java.util.function.UnaryOperator;

/**
 * What a connection string is completed from.
 *
 * @param variables looks up an environment variable; null when it is not set.
 * @param userName  the operating system's name of who runs this.
 * @param home      where {@code .pgpass} and {@code .postgresql} are.
 */
public record ConnEnvironment(UnaryOperator<String> variables, String userName, Path home) {
    /** This process' own. */
    public static ConnEnvironment ofThisProcess() {
        return new ConnEnvironment(
                System::getenv, System.getProperty("user.name"), Path.of(System.getProperty("user.home")));
    }
}
