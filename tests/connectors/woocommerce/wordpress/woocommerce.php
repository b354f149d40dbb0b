<?php
// The functions that are there only with WooCommerce active; Action Scheduler comes with it.

class WooCommerce {}

function wc_get_order( $id ) {
	return isset( $GLOBALS['wp']['orders'][ $id ] ) ? new WC_Order( $GLOBALS['wp']['orders'][ $id ] ) : false;
}
function wc_format_decimal( $number ) {
	return (string) $number;
}
function wc_get_logger() {
	return new class() {
		public function warning( $text, $context ) {
			$GLOBALS['wp']['logged'][] = array( $context['source'], $text );
		}
	};
}

if ( $GLOBALS['wp']['scheduler'] ) {
	function as_schedule_single_action( $time, $hook, $arguments = array(), $group = '' ) {
		$GLOBALS['wp']['queued'][] = array( $time - time(), $hook, $arguments, $group );
	}
	function as_enqueue_async_action( $hook, $arguments = array(), $group = '' ) {
		as_schedule_single_action( time(), $hook, $arguments, $group );
	}
	function as_unschedule_all_actions( $hook ) {
		$GLOBALS['wp']['queued'] = array_values( array_filter( $GLOBALS['wp']['queued'], fn ( $one ) => $one[1] !== $hook ) );
	}
}
