package dev.vitrine.kernels.cuda.device;

/** Rows of numbers on the device, whose columns lie one after another. */
public interface Rows {

  /** The address of the first number. */
  long address();

  /** The way from one row to the next, in numbers. */
  int stride();
}
