package dev.firn.server.command;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Seeds from the first to the last, both included: {@code A..B}, or one.
 *
 * @param first the lowest.
 * @param last the highest.
 */
record SeedRange(long first, long last) {
    long count() {
        return last - first + 1;
    }

    /** Reads a range from the command line. */
    static final class Converter implements ITypeConverter<SeedRange> {
        @Override
        public SeedRange convert(final String text) {
            final int dots = text.indexOf("..");
            try {
                final long first = Long.parseLong(dots < 0 ? text : text.substring(0, dots));
                final long last = dots < 0 ? first : Long.parseLong(text.substring(dots + 2));
                if (last < first || last - first < 0 || last == Long.MAX_VALUE) {
                    throw new TypeConversionException("the seeds \"" + text + "\" do not rise");
                }
                return new SeedRange(first, last);
            } catch (final NumberFormatException notANumber) {
                throw (TypeConversionException)
                        new TypeConversionException("\"" + text + "\" is no range of seeds: write 1..1000")
                                .initCause(notANumber);
            }
        }
    }
}
