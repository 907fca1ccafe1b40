package dev.firn.bench.commit;

import dev.firn.compute.instance.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;

/** What pgbench's clients do in each transaction. */
enum CommitLoad {
    /** pgbench's own: three updates, a select, an insert. */
    TPCB("tpcb") {
        @Override
        List<String> arguments(final Path directory) {
            return List.of("--builtin=tpcb-like");
        }
    },

    /** One row into a table without an index: next to nothing but the commit. */
    INSERT("insert") {
        @Override
        List<String> arguments(final Path directory) throws IOException {
            final Path script = directory.resolve("insert.sql");
            Files.writeString(script, "INSERT INTO firn_insert VALUES (:client_id, 'a row of a few words');\n");
            return List.of("--file=" + script);
        }
    };

    private final String variant;

    CommitLoad(final String variant) {
        this.variant = variant;
    }

    /** Its part of a result's name. */
    String variant() {
        return variant;
    }

    /**
     * What tells pgbench of it.
     *
     * @param directory which pgbench can read: for a script.
     */
    abstract List<String> arguments(Path directory) throws IOException;

    /** Makes the tables of all loads. */
    static void prepare(final PostgresServer server) throws SQLException {
        server.execute("CREATE TABLE firn_insert (client int, filler text)");
    }
}
