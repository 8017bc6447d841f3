#include "lib/test.h"
TEST(x){}
TEST_MAIN()
