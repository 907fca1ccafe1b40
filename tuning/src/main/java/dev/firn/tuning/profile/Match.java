package dev.firn.tuning.profile;

import dev.firn.tuning.host.Choices;

/** When a value that was read is as good as the wanted one. */
enum Match {
    EXACT {
        @Override
        boolean holds(final String current, final String wanted) {
            return current.equals(wanted);
        }
    },
    /** A larger number is as good: what somebody raised is never lowered. */
    AT_LEAST {
        @Override
        boolean holds(final String current, final String wanted) {
            return number(current) >= number(wanted);
        }

        @Override
        String wantedBeside(final String original, final String rule) {
            return number(original) > number(rule) ? original : rule;
        }
    },
    /** The kernel shows all choices and brackets the chosen one. */
    CHOICE {
        @Override
        boolean holds(final String current, final String wanted) {
            return current.equals(wanted);
        }

        @Override
        String shown(final String text) {
            return Choices.chosen(text);
        }
    };

    abstract boolean holds(String current, String wanted);

    /** What is wanted on a host that had {@code original} before the first profile. */
    String wantedBeside(final String original, final String rule) {
        return rule;
    }

    /** The value within the text of the file. */
    String shown(final String text) {
        return text;
    }

    /** What is no number is below every number. */
    private static long number(final String text) {
        try {
            return Long.parseLong(text);
        } catch (final NumberFormatException notANumber) {
            return Long.MIN_VALUE;
        }
    }
}
