/** Pictures that only these cards have. */

export const MAIL =
  "M4.6 4.4h10.8a1.8 1.8 0 0 1 1.8 1.8v7.6a1.8 1.8 0 0 1-1.8 1.8H4.6a1.8 1.8 0 0 1-1.8-1.8V6.2a1.8 1.8 0 0 1 1.8-1.8zM3.4 6 10 11l6.6-5";
