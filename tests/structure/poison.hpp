// Names that other people's headers define as macros (complex.h, termios.h, X11, Windows, old Unix). Ours must not mind.
// Not min and max: the standard library's own headers do not survive them, and only Windows has them.
#define I poisoned by complex.h
#define B0 poisoned by termios.h
#define small poisoned by Windows
#define near poisoned by Windows
#define far poisoned by Windows
#define interface poisoned by Windows
#define IN poisoned by Windows
#define OUT poisoned by Windows
#define ERROR poisoned by Windows
#define major poisoned by sysmacros.h
#define minor poisoned by sysmacros.h
#define OVERFLOW poisoned by math.h
#define UNDERFLOW poisoned by math.h
#define DOMAIN poisoned by math.h
#define None poisoned by X11
#define Success poisoned by X11
#define Status poisoned by X11
#define Bool poisoned by X11
#define Always poisoned by X11
