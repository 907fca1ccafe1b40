package dev.firn.bench.ingest;

import dev.firn.bench.corpus.Corpus;
import dev.firn.pagestore.ingest.BaseFiles;
import dev.firn.postgres.version.PostgresVersion;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The files of a corpus as a base backup: read at once, told in the next poll. */
final class CorpusBase implements BaseFiles {
    private final Corpus corpus;
    private final List<String> paths = new ArrayList<>();
    private final List<Long> lengths = new ArrayList<>();
    private final List<String> directories = new ArrayList<>();
    private final ArrayDeque<Answer> answers = new ArrayDeque<>();

    private record Answer(long token, String failure) {}

    CorpusBase(final Corpus corpus) throws IOException {
        this.corpus = corpus;
        final Path root = corpus.base();
        try (Stream<Path> all = Files.walk(root)) {
            for (final Path path : (Iterable<Path>) all::iterator) {
                final String name = root.relativize(path).toString();
                if (Files.isDirectory(path)) {
                    directories.add(name);
                } else {
                    paths.add(name);
                    lengths.add(Files.size(path));
                }
            }
        }
    }

    @Override
    public PostgresVersion version() {
        return corpus.version();
    }

    @Override
    public long startLsn() {
        return corpus.startLsn();
    }

    /** Nobody worked on it while it was copied. */
    @Override
    public long consistentLsn() {
        return corpus.startLsn();
    }

    @Override
    public int files() {
        return paths.size();
    }

    @Override
    public String path(final int file) {
        return paths.get(file);
    }

    @Override
    public long lengthBytes(final int file) {
        return lengths.get(file);
    }

    @Override
    public List<String> directories() {
        return directories;
    }

    @Override
    public List<Tablespace> tablespaces() {
        return List.of();
    }

    @Override
    public boolean read(final int file, final long offset, final MemorySegment into, final long token) {
        String failure = null;
        try (FileChannel channel = FileChannel.open(corpus.base().resolve(paths.get(file)))) {
            final ByteBuffer view = into.asByteBuffer();
            while (view.hasRemaining()) {
                if (channel.read(view, offset + view.position()) < 0) {
                    failure = paths.get(file) + " is too short";
                    break;
                }
            }
        } catch (final IOException e) {
            failure = e.getMessage();
        }
        answers.add(new Answer(token, failure));
        return true;
    }

    @Override
    public int poll(final ReadHandler handler, final int limit) {
        int told = 0;
        while (told < limit && !answers.isEmpty()) {
            final Answer answer = answers.remove();
            handler.onRead(answer.token, answer.failure);
            told++;
        }
        return told;
    }
}
