package dev.firn.server.lake;

import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Where threads of an export get their seats; asked by any of them. */
@FunctionalInterface
public interface ExportSeats {
    /**
     * Opens a seat for the thread that asks.
     *
     * @param stop whether the export is to end early: whoever waits on the seat is thrown out then.
     * @return empty when there are no more seats at present.
     */
    Optional<ExportSeat> take(BooleanSupplier stop);
}
