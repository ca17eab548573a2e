-- SPDX-License-Identifier: BSD-3-Clause
return { define = function() error("not yet") end }
