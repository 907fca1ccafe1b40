package dev.firn.pagestore.replay;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.EnumSet;

/**
 * Copies of a base what replay doesn't touch: configuration, and the folders themselves.
 *
 * <p>{@link KeptFiles} says what that is.
 */
final class BaseCopy {
    private final Path base;
    private final TargetDirectory target;

    BaseCopy(final Path base, final TargetDirectory target) {
        this.base = base;
        this.target = target;
    }

    void run() {
        KeptFiles.emptyFolders().stream()
                .filter(folder -> Files.isDirectory(base.resolve(folder)))
                .forEach(target::folder);
        try {
            Files.walkFileTree(base, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, new Copier());
        } catch (final IOException e) {
            throw new ReplayException("cannot copy from " + base + ": " + e.getMessage(), e);
        }
    }

    private final class Copier extends SimpleFileVisitor<Path> {
        @Override
        public FileVisitResult preVisitDirectory(final Path folder, final BasicFileAttributes attributes) {
            final String name = base.relativize(folder).toString();
            if (name.isEmpty()) {
                return FileVisitResult.CONTINUE;
            }
            if (!KeptFiles.isKeptFolder(name)) {
                return FileVisitResult.SKIP_SUBTREE;
            }
            target.folder(name);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(final Path file, final BasicFileAttributes attributes) {
            final String name = base.relativize(file).toString();
            if (attributes.isRegularFile() && KeptFiles.isKept(name)) {
                target.copy(file, name, attributes.size());
            }
            return FileVisitResult.CONTINUE;
        }
    }
}
