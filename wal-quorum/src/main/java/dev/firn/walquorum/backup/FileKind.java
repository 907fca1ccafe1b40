package dev.firn.walquorum.backup;

/** What stands in a backup. The numbers are those of the index. */
public enum FileKind {
    FILE(1),
    DIRECTORY(2),
    LINK(3);

    private final int number;

    FileKind(final int number) {
        this.number = number;
    }

    int number() {
        return number;
    }

    /** Null when there is none of this number. */
    static FileKind of(final int number) {
        return switch (number) {
            case 1 -> FILE;
            case 2 -> DIRECTORY;
            case 3 -> LINK;
            default -> null;
        };
    }
}
