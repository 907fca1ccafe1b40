package dev.firn.server.command;

import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.pagestore.service.TimelineFacts;
import dev.firn.postgres.catalog.CatalogReader;
import dev.firn.postgres.catalog.DatabaseRow;
import dev.firn.postgres.catalog.RelationRow;
import dev.firn.postgres.file.Fork;
import dev.firn.postgres.file.RelFileLocator;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.server.CommandException;
import dev.firn.server.home.UpRecord;
import dev.firn.server.pages.PageConnection;
import dev.firn.server.pages.PageText;
import dev.firn.server.pages.ServedPages;
import dev.firn.server.up.QuorumLayout;
import dev.firn.server.up.ReaderSeat;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code firn page}: one page of a relation at an LSN, through the page service. */
@Command(
        name = "page",
        description = {
            "Fetches one page of a relation from the page server and shows it decoded. The relation's name is looked up in the"
                    + " catalogs as they are at that LSN.",
            "With --json: branch, database, relation, fork, block, blocks, atLsn, locator, header, items."
        })
final class PageCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private DirectoryOption directory;

    @Mixin
    private JsonOption json;

    @Option(
            names = "--branch",
            paramLabel = "NAME",
            defaultValue = AttachCommand.DEFAULT_NAME,
            description = "The timeline (default: ${DEFAULT-VALUE}).")
    private String branch;

    @Option(
            names = "--database",
            paramLabel = "NAME",
            defaultValue = "postgres",
            description = "The relation's database (default: ${DEFAULT-VALUE}).")
    private String database;

    @Option(
            names = "--relation",
            paramLabel = "SCHEMA.TABLE",
            required = true,
            description = "A table, index or any other relation with storage.")
    private String relation;

    @Option(names = "--fork", paramLabel = "FORK", defaultValue = "main", description = "main, fsm, vm or init.")
    private String fork;

    @Option(names = "--block", paramLabel = "N", required = true, description = "Which page, from 0.")
    private long block;

    @Option(names = "--at", paramLabel = "LSN", description = "As of this LSN (default: the newest that is ingested).")
    private String at;

    @Option(names = "--raw", paramLabel = "FILE", description = "Write the page's 8,192 bytes to this file.")
    private Path raw;

    @Override
    public Integer call() {
        branch = TimelineName.resolve(directory.path, branch);
        final String[] names = relation.split("\\.", 2);
        if (names.length != 2 || names[0].isEmpty() || names[1].isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(), "--relation " + relation + " is none such as public.accounts");
        }
        final Fork wanted = fork();
        final long atLsn = StoreTask.lsn(spec, "--at", at);
        UpRecord.require(directory.path);
        return StoreTask.stoppable(spec, "the page", signal -> {
            try (ReaderSeat seat =
                    ReaderSeat.take(directory.path, HostStorage::new, SystemClock.INSTANCE, SystemRandom.secure())) {
                final PageConnection connection = new PageConnection(
                        seat.endpoint(),
                        QuorumLayout.PAGE_SERVER,
                        SystemClock.INSTANCE,
                        SystemRandom.secure(),
                        signal::isRequested,
                        StoreTask.sayingOnce(spec));
                final TimelineFacts timeline = connection.timeline(branch);
                show(connection, timeline, atLsn == 0 ? timeline.appliedLsn() : atLsn, names, wanted);
                return ExitCode.OK;
            }
        });
    }

    private Fork fork() {
        return switch (fork) {
            case "main" -> Fork.MAIN;
            case "fsm" -> Fork.FREE_SPACE_MAP;
            case "vm" -> Fork.VISIBILITY_MAP;
            case "init" -> Fork.INIT;
            default ->
                throw new ParameterException(spec.commandLine(), "--fork " + fork + " is none of main, fsm, vm, init");
        };
    }

    private void show(
            final PageConnection connection,
            final TimelineFacts timeline,
            final long lsn,
            final String[] names,
            final Fork wanted) {
        final RelationRow found = resolve(new ServedPages(connection, timeline, lsn), timeline, lsn, names);
        final RelFileLocator where = found.locator();
        if (where == null) {
            throw new CommandException(relation + " has no storage: its kind is " + found.kind());
        }
        final long blocks = connection.blocks(
                timeline, lsn, where.tablespace(), where.database(), where.relfilenode(), wanted.number());
        if (block < 0 || block >= blocks) {
            throw new CommandException(relation + " has " + Math.max(0, blocks) + " pages in its " + fork + " fork at "
                    + Lsn.format(lsn) + ", counted from 0: there is no " + block);
        }
        final byte[] page = connection.page(
                timeline, lsn, where.tablespace(), where.database(), where.relfilenode(), wanted.number(), (int) block);
        if (raw != null) {
            try {
                Files.write(raw, page);
            } catch (final IOException e) {
                throw new CommandException("cannot write " + raw + ": " + e.getMessage(), e);
            }
        }
        final boolean heap = wanted == Fork.MAIN && "rmt".indexOf(found.kind()) >= 0;
        print(document(lsn, where, blocks), new PageText(page, heap));
    }

    private RelationRow resolve(
            final ServedPages pages, final TimelineFacts timeline, final long lsn, final String[] names) {
        final CatalogReader catalogs = new CatalogReader(PostgresVersion.ofMajor(timeline.postgresMajor()), pages);
        final DatabaseRow home = catalogs.database(database)
                .orElseThrow(() -> new CommandException(
                        "there is no database " + database + " at " + Lsn.format(lsn) + ": name one with --database"));
        final int schema = catalogs.schema(home, names[0])
                .orElseThrow(() -> new CommandException(
                        "there is no schema " + names[0] + " in " + database + " at " + Lsn.format(lsn)));
        return catalogs.relation(home, schema, names[1])
                .orElseThrow(() -> new CommandException(
                        "there is no relation " + relation + " in " + database + " at " + Lsn.format(lsn)));
    }

    private Map<String, Object> document(final long lsn, final RelFileLocator where, final long blocks) {
        final Map<String, Object> document = new LinkedHashMap<>();
        document.put("branch", branch);
        document.put("database", database);
        document.put("relation", relation);
        document.put("fork", fork);
        document.put("block", block);
        document.put("blocks", blocks);
        document.put("atLsn", Lsn.format(lsn));
        document.put("locator", where.toString());
        return document;
    }

    private void print(final Map<String, Object> document, final PageText page) {
        final PrintWriter out = spec.commandLine().getOut();
        if (json.asked) {
            document.put("header", page.header());
            document.put("items", page.items());
            out.println(Json.pretty(document));
        } else {
            out.printf(
                    Locale.ROOT,
                    "%s, block %d of %s, at %s (%s)%n",
                    relation,
                    block,
                    document.get("blocks"),
                    document.get("atLsn"),
                    document.get("locator"));
            out.println(page.isNew() ? "never written: all zeroes" : "  " + line(page.header()));
            page.items().forEach(item -> out.println("  " + line(item)));
        }
        out.flush();
    }

    private static String line(final Map<String, Object> fields) {
        final StringBuilder line = new StringBuilder();
        fields.forEach((name, value) ->
                line.append(line.isEmpty() ? "" : "  ").append(name).append(' ').append(value));
        return line.toString();
    }
}
