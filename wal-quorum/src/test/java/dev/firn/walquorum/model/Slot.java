package dev.firn.walquorum.model;

import java.lang.reflect.Field;
import org.agrona.UnsafeApi;

/**
 * A private field of a state machine: a model checker has to put it into any state, millions of times, for which reflection is too
 * slow.
 */
final class Slot {
    private enum Kind {
        BOOLEAN,
        INT,
        LONG,
        OBJECT
    }

    private final long offset;
    private final Kind kind;
    private final Class<?> type;

    private Slot(final long offset, final Class<?> type) {
        this.offset = offset;
        this.type = type;
        if (type == boolean.class) {
            kind = Kind.BOOLEAN;
        } else if (type == int.class) {
            kind = Kind.INT;
        } else if (type == long.class) {
            kind = Kind.LONG;
        } else {
            kind = Kind.OBJECT;
        }
    }

    static Slot of(final Class<?> owner, final String name) {
        try {
            final Field field = owner.getDeclaredField(name);
            return new Slot(UnsafeApi.objectFieldOffset(field), field.getType());
        } catch (final NoSuchFieldException e) {
            throw new IllegalStateException(owner.getSimpleName() + " has no field " + name + " any more", e);
        }
    }

    Class<?> type() {
        return type;
    }

    long get(final Object of) {
        return switch (kind) {
            case BOOLEAN -> UnsafeApi.getBoolean(of, offset) ? 1 : 0;
            case INT -> UnsafeApi.getInt(of, offset);
            case LONG -> UnsafeApi.getLong(of, offset);
            case OBJECT -> throw new IllegalStateException("not a number");
        };
    }

    void set(final Object of, final long value) {
        switch (kind) {
            case BOOLEAN -> UnsafeApi.putBoolean(of, offset, value != 0);
            case INT -> UnsafeApi.putInt(of, offset, (int) value);
            case LONG -> UnsafeApi.putLong(of, offset, value);
            case OBJECT -> throw new IllegalStateException("not a number");
        }
    }

    Object object(final Object of) {
        return UnsafeApi.getReference(of, offset);
    }

    void setObject(final Object of, final Object value) {
        UnsafeApi.putReference(of, offset, value);
    }
}
